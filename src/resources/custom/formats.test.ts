import { describe, expect, it } from 'vitest';
import { formatCheck, isKnownFormat, MAX_HOSTNAME, MAX_LABEL, MAX_LONG_NAME } from './formats.ts';

/** What is of the format, and what is not. */
const VALUES: Record<string, [yes: string[], no: string[]]> = {
  bsonobjectid: [['507f1f77bcf86cd799439011'], ['507f1f77bcf86cd79943901']],
  byte: [['aGVsbG8='], ['aGVsbG8', 'a b=']],
  cidr: [
    ['10.0.0.0/8', '010.0.0.0/8', 'fd00::/8'],
    ['10.0.0.0', '10.0.0.0/33'],
  ],
  creditcard: [['4111 1111 1111 1111'], ['4111111111111112']],
  date: [
    ['2024-02-29', '2000-02-29'],
    ['2023-02-29', '1900-02-29', '2024-2-9', '2024-13-01', '2024-04-31'],
  ],
  'date-time': [
    ['2024-01-02T03:04:05Z', '2024-01-02t03:04:05.5+01:00'],
    ['2024-01-02', '2024-01-02T24:00:00Z'],
  ],
  duration: [
    ['1h2m', '3 days', '1.5s', '0'],
    ['', 'soon', '99999999999999999999 s'],
  ],
  email: [
    ['a@b.c', 'A Name <a@b.c>'],
    ['a', '@b', 'a@', 'a b@c.d'],
  ],
  hexcolor: [['#fff', 'a0b1c2'], ['#ffff']],
  hostname: [
    ['a.example.com', 'localhost'],
    ['a..b', '-a.example.com', 'a_b.example.com', 'a.1'],
  ],
  ipv4: [
    ['10.0.0.1', '010.0.0.1'],
    ['10.0.0', '::1'],
  ],
  ipv6: [['::1'], ['10.0.0.1', '1::2::3']],
  isbn: [
    ['0321751043', '978-0321751041'],
    ['0321751044', '978-0321751042'],
  ],
  'k8s-short-name': [['a-b'], ['A', '-a', 'a-']],
  'k8s-long-name': [['a.b-c'], ['a..b', 'A.b']],
  mac: [
    ['01:23:45:67:89:ab', '0123.4567.89ab'],
    ['01:23:45:67:89', '01:23:45:67:89-ab'],
  ],
  rgbcolor: [['rgb(255, 0,12)'], ['rgb(256,0,0)']],
  ssn: [['123-45-6789'], ['123456789', '12-345-6789']],
  uri: [
    ['https://a.example.com/b?c', '/a', 'mailto:a'],
    ['a', 'a b:c', 'https://a b/', '/%zz'],
  ],
  uuid4: [['9c858901-8a57-4791-81fe-4c455b099bc9'], ['9c858901-8a57-1791-81fe-4c455b099bc9']],
};

describe.each(Object.entries(VALUES))('a text of format %s', (format, [yes, no]) => {
  it('is of it, or is not', () => {
    const check = formatCheck(format)!;
    expect(yes.filter((text) => !check(text))).toEqual([]);
    expect(no.filter((text) => check(text))).toEqual([]);
  });
});

it('holds names to their lengths', () => {
  const longest = (length: number, label: number) =>
    Array.from({ length }, (_, i) => ((i + 1) % (label + 1) === 0 && i < length - 2 ? '.' : 'a')).join('');
  const is = (format: string, text: string) => formatCheck(format)!(text);
  expect([is('k8s-short-name', 'a'.repeat(MAX_LABEL)), is('k8s-short-name', 'a'.repeat(MAX_LABEL + 1))]).toEqual([
    true,
    false,
  ]);
  expect([is('k8s-long-name', 'a'.repeat(MAX_LONG_NAME)), is('k8s-long-name', 'a'.repeat(MAX_LONG_NAME + 1))]).toEqual([
    true,
    false,
  ]);
  expect([is('hostname', longest(MAX_HOSTNAME, 9)), is('hostname', longest(MAX_HOSTNAME + 1, 9))]).toEqual([
    true,
    false,
  ]);
});

it('knows which formats count for which type', () => {
  expect(isKnownFormat('int32', 'integer')).toBe(true);
  expect(isKnownFormat('int32', 'string')).toBe(false);
  expect(isKnownFormat('date-time', '')).toBe(true);
  expect(isKnownFormat('double', 'number')).toBe(true);
  expect(isKnownFormat('uuid', 'boolean')).toBe(false);
});

it('takes no longer for a text that is almost of the format', () => {
  const start = performance.now();
  for (const format of Object.keys(VALUES)) formatCheck(format)!(`${'a-'.repeat(100_000)}!`);
  expect(performance.now() - start).toBeLessThan(2000);
});
