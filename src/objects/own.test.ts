import { describe, expect, it } from 'vitest';
import { validateResourceRequirements } from '../resources/core/pod/resource-requirements.ts';
import { bare, own, setOwn } from './own.ts';

describe('keys that somebody else chose', () => {
  it('are found only where they were given', () => {
    for (const key of ['valueOf', 'constructor', '__proto__', 'toString']) {
      expect(bare({ a: 1 })[key]).toBeUndefined();
      expect(own({ a: 1 }, key)).toBeUndefined();
      const map: Record<string, unknown> = {};
      setOwn(map, key, 'x');
      expect(own(map, key)).toBe('x');
      expect(Object.keys(map)).toEqual([key]);
    }
  });

  it('are resources like others to validation', () => {
    const errors = validateResourceRequirements(
      { requests: { valueOf: '800m' }, limits: { cpu: '1' } },
      new Set(),
      'resources',
    );
    expect(errors.map(({ field }) => field)).toContain('resources.requests[valueOf]');
  });
});
