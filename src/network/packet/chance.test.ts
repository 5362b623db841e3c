import { expect, it } from 'vitest';
import { createRandom } from '../../simulation/random.ts';
import { limitedWork, WorkExceeded } from '../../simulation/work-budget.ts';
import { type Chance, drawnChance, everyOutcome } from './chance.ts';

/** As kube-proxy balances over three: a third, then half of what is left. */
const third = (chance: Chance): string => (chance.happens(1 / 3) ? 'a' : chance.happens(0.5) ? 'b' : 'c');

it('goes every way that chance can go, with its probability', () => {
  const outcomes = everyOutcome(third);
  expect(outcomes.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
  for (const { probability } of outcomes) expect(probability).toBeCloseTo(1 / 3, 12);
  const twice = everyOutcome((chance) => third(chance) + chance.oneOf(2));
  expect(twice.map(({ value }) => value)).toEqual(['a0', 'a1', 'b0', 'b1', 'c0', 'c1']);
  expect(twice.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
});

it('has one outcome where nothing is left to chance', () => {
  expect(everyOutcome((chance) => [chance.happens(1), chance.happens(0), chance.oneOf(1)])).toEqual([
    { probability: 1, value: [true, false, 0] },
  ]);
});

it('draws the same from the same seed, and each about as often', () => {
  const draw = (seed: string) => {
    const chance = drawnChance(createRandom(seed, 'test'));
    return Array.from({ length: 3000 }, () => third(chance)).join('');
  };
  expect(draw('x')).toBe(draw('x'));
  expect(draw('x')).not.toBe(draw('y'));
  for (const one of ['a', 'b', 'c']) expect(Math.abs(draw('x').split(one).length - 1 - 1000)).toBeLessThan(100);
});

it('does no more than its budget', () => {
  const counted = limitedWork(100);
  everyOutcome(third, counted);
  expect(() => everyOutcome(third, limitedWork(counted.spent))).not.toThrow();
  expect(() => everyOutcome(third, limitedWork(counted.spent - 1))).toThrow(WorkExceeded);
});
