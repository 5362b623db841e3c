import { describe, expect, it } from 'vitest';
import { caseNames, knownFailures, pathsOf, replayCase } from './replay.ts';

/** What starts to be right must leave the list of what is known to differ, and all that differs beside it breaks the build. */
describe('the recorded contract', () => {
  const known = knownFailures();
  it('has no known failure that is not a case, or that does not say what differs', () => {
    const names = new Set(caseNames());
    const vain = Object.entries(known).filter(([name, paths]) => !names.has(name) || paths.length === 0);
    expect(vain).toEqual([]);
  });
  for (const name of caseNames())
    it(known[name] ? `${name} differs in what is known to` : name, async () => {
      const found = await replayCase(name);
      if (known[name]) expect(pathsOf(found), 'known-failures.json names exactly what differs').toEqual(known[name]);
      else expect(found).toEqual([]);
    });
});
