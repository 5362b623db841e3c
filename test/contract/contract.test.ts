import { describe, expect, it } from 'vitest';
import { caseNames, knownFailures, replayCase } from './replay.ts';

/** A case that starts to pass must leave the list of known failures, and one that starts to fail breaks the build. */
describe('the recorded contract', () => {
  const known = new Set(knownFailures());
  it('has no known failure that is not a case', () => {
    const names = new Set(caseNames());
    expect([...known].filter((name) => !names.has(name))).toEqual([]);
  });
  for (const name of caseNames())
    it(known.has(name) ? `${name} still fails` : name, async () => {
      const found = await replayCase(name);
      if (known.has(name)) expect(found, 'it passes now: take it off known-failures.json').not.toEqual([]);
      else expect(found).toEqual([]);
    });
});
