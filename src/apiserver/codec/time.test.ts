import { expect, it } from 'vitest';
import { canonicalMicroTime, canonicalTime, isoSeconds } from './time.ts';

it.each([
  ['0001-01-01T00:00:01Z', '0001-01-01T00:00:01Z'],
  ['0050-06-07T08:09:10+02:00', '0050-06-07T06:09:10Z'],
  ['0096-02-29T00:00:00Z', '0096-02-29T00:00:00Z'],
  ['0099-12-31T23:59:59.9Z', '0099-12-31T23:59:59Z'],
  ['0100-01-01T00:00:00Z', '0100-01-01T00:00:00Z'],
  ['0000-01-01T00:00:00+00:01', '-0001-12-31T23:59:00Z'],
  ['9999-12-31T23:59:59-00:01', '10000-01-01T00:00:59Z'],
])('%s is %s', (text, canonical) => {
  expect(canonicalTime(text)).toBe(canonical);
});

it('a leap day is one of its own year', () => {
  expect(() => canonicalTime('0097-02-29T00:00:00Z')).toThrow('day out of range');
  expect(canonicalMicroTime('0004-02-29T00:00:00.5Z')).toBe('0004-02-29T00:00:00.500000Z');
});

it('reads nothing in Go’s zero time', () => {
  for (const text of ['0001-01-01T00:00:00Z', '0001-01-01T01:00:00+01:00']) expect(canonicalTime(text)).toBeUndefined();
  expect(canonicalMicroTime('0001-01-01T00:00:00.000000Z')).toBeUndefined();
  expect(canonicalMicroTime('0001-01-01T00:00:00.000001Z')).toBe('0001-01-01T00:00:00.000001Z');
});

it('tells any instant', () => {
  expect(isoSeconds(0)).toBe('1970-01-01T00:00:00');
});
