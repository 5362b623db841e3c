import { describe, expect, it } from 'vitest';
import {
  LARGEST_RECENT_READ,
  MAX_RECENT_RANGES,
  RECENT_HEADS_SIZE,
  RECENT_RANGES_SIZE,
  RecentReads,
} from './recent-reads.ts';
import type { KeyValue } from './types.ts';

/** What an entry takes beside its characters. */
const ENTRY = 64;

const kv = (key: string, value = 'v'): KeyValue => ({
  key,
  value,
  createRevision: 2,
  modRevision: 2,
  version: 1,
  lease: '0',
});
const at = (key: string, value?: string) => ({ kv: kv(key, value), revision: 2, sub: 0 });

describe('what was read a moment ago', () => {
  it('is known until it changes', () => {
    const reads = new RecentReads();
    expect(reads.head('/a')).toBeUndefined();
    reads.keepHead('/a', undefined);
    expect(reads.head('/a')).toBe('absent');
    reads.changed('/a', at('/a'));
    expect(reads.head('/a')).toEqual({ head: at('/a') });
    reads.changed('/a', { revision: 3, sub: 0 });
    expect(reads.head('/a')).toEqual({ head: { revision: 3, sub: 0 } });
    reads.clear();
    expect(reads.head('/a')).toBeUndefined();
  });

  it('of a range, until something in it does', () => {
    const reads = new RecentReads();
    reads.keepRange('/b/', '/b0', [kv('/b/x', 'four')]);
    reads.changed('/a', at('/a'));
    reads.changed('/b0', at('/b0'));
    expect(reads.range('/b/', '/b0')).toMatchObject({ kvs: [kv('/b/x', 'four')], bytes: 4 });
    expect(reads.range('/b/', '/b')).toBeUndefined();
    reads.changed('/b/', at('/b/'));
    expect(reads.range('/b/', '/b0')).toBeUndefined();
  });

  it('is never taken for that of other ends', () => {
    const reads = new RecentReads();
    reads.keepRange('/a', '\0/b', []);
    expect(reads.range('/a\0', '/b')).toBeUndefined();
    expect(reads.range('/a', '\0/b')).toBeDefined();
  });

  it('is only what is small', () => {
    const reads = new RecentReads();
    const room = LARGEST_RECENT_READ - ENTRY - '/a'.length;
    reads.keepHead('/a', at('/a', 'v'.repeat(room)));
    reads.keepHead('/b', at('/b', 'v'.repeat(room + 1)));
    expect([reads.head('/a') !== undefined, reads.head('/b')]).toEqual([true, undefined]);
    // A value that has become large is not what it was.
    reads.changed('/a', at('/a', 'v'.repeat(room + 1)));
    expect(reads.head('/a')).toBeUndefined();
    const long = `/${'k'.repeat(LARGEST_RECENT_READ)}`;
    reads.keepHead(long, undefined);
    reads.keepRange(long, `${long}0`, []);
    expect([reads.head(long), reads.range(long, `${long}0`)]).toEqual([undefined, undefined]);
    const left = LARGEST_RECENT_READ - 2 * ENTRY - 2 * '/c//c0'.length - '/c/x'.length;
    reads.keepRange('/c/', '/c0', [kv('/c/x', 'v'.repeat(left + 1))]);
    reads.keepRange('/d/', '/d0', [kv('/d/x', 'v'.repeat(left))]);
    expect([reads.range('/c/', '/c0'), reads.range('/d/', '/d0')?.bytes]).toEqual([undefined, left]);
  });

  it('is bounded, whatever the keys are', () => {
    const few = new RecentReads();
    for (let i = 0; i <= MAX_RECENT_RANGES; i++) few.keepRange(`/${i}/`, `/${i}0`, []);
    expect([few.range('/0/', '/00'), few.range('/1/', '/10')?.kvs]).toEqual([undefined, []]);
    for (const length of [10, 1000, 10_000]) {
      const reads = new RecentReads();
      const key = (i: number): string => `/${i}`.padEnd(length, 'k');
      const heads = Math.floor(RECENT_HEADS_SIZE / (ENTRY + length));
      const ranges = Math.min(MAX_RECENT_RANGES, Math.floor(RECENT_RANGES_SIZE / (ENTRY + 4 * length)));
      for (let i = 0; i <= heads; i++) reads.keepHead(key(i), undefined);
      for (let i = 0; i <= ranges; i++) reads.keepRange(key(i), key(i + 1), []);
      const known = [0, 1].map((i) => [reads.head(key(i)), reads.range(key(i), key(i + 1))?.kvs]);
      // What is longer than one read may be is not kept at all.
      const kept = ENTRY + 4 * length <= LARGEST_RECENT_READ ? [] : undefined;
      expect([length, known]).toEqual([
        length,
        [
          [undefined, undefined],
          ['absent', kept],
        ],
      ]);
    }
  });
});
