import { describe, expect, it } from 'vitest';
import { caseNames, knownFailures, replayLife } from './replay.ts';

/** What starts to be right must leave the list of what is known to differ, and all that differs beside it breaks the build. */
describe('the recorded lives of pods', () => {
  const known = knownFailures();
  it('have no known failure that is not a case, or that does not say what differs and why', () => {
    const names = new Set(caseNames());
    expect(
      Object.entries(known).filter(([name, { parts, reason }]) => !names.has(name) || parts.length === 0 || !reason),
    ).toEqual([]);
  });
  for (const name of caseNames())
    it(known[name] ? `${name} differs in what is known to` : name, async () => {
      const found = await replayLife(name);
      if (known[name])
        expect(Object.keys(found), 'known-failures.json names exactly what differs').toEqual(known[name].parts);
      else expect(found).toEqual({});
    });
});
