import { expect, it } from 'vitest';
import { AdmissionWork, MAX_ADMISSION_COST, MAX_DECISIONS_COST } from './admission-work.ts';

it('lets one decision cost so much, and the next as much again', () => {
  const work = new AdmissionWork();
  for (let i = 0; i < 2; i++) {
    const decision = work.decision();
    decision.spend(MAX_ADMISSION_COST);
    expect(() => decision.spend(1)).toThrow('context deadline exceeded');
  }
});

it('lets all decisions of one request cost so much together', () => {
  const work = new AdmissionWork();
  for (let left = MAX_DECISIONS_COST; left > 0; left -= MAX_ADMISSION_COST)
    work.decision().spend(Math.min(left, MAX_ADMISSION_COST));
  expect(() => work.decision().spend(1)).toThrow('context deadline exceeded');
});
