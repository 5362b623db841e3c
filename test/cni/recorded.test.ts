/** What the reference plugins answer, and what they leave behind. */
import { expect, it } from 'vitest';
import { caseNames, readCase, replay } from './replay.ts';

const names = caseNames();

it('has what was recorded', () => {
  expect(names.length).toBe(302);
});

it.each(names)('%s', (name) => {
  for (const { command, recorded, now } of replay(readCase(name)))
    expect({ command, ...now }).toEqual({ command, ...recorded });
});
