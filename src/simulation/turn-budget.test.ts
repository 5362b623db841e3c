import { expect, it } from 'vitest';
import { TURN_LIMITS, TurnBudget } from './turn-budget.ts';

it('is spent by pieces, or by time where the clock goes on', () => {
  const counted = new TurnBudget();
  for (let piece = 1; piece < TURN_LIMITS.pieces; piece++) counted.spend();
  expect(counted.isSpent).toBe(false);
  counted.spend();
  expect(counted.isSpent).toBe(true);

  let now = 5;
  const timed = new TurnBudget(TURN_LIMITS, () => now);
  now += TURN_LIMITS.milliseconds - 1;
  expect(timed.isSpent).toBe(false);
  now++;
  expect(timed.isSpent).toBe(true);
});
