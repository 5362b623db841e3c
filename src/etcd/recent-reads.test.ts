import { describe, expect, it } from 'vitest';
import {
  LARGEST_RECENT_HEAD,
  LARGEST_RECENT_RANGE,
  MAX_RECENT_RANGES,
  RECENT_HEADS_SIZE,
  RecentReads,
} from './recent-reads.ts';
import type { KeyValue } from './types.ts';

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
    expect(reads.range('/b/', '/b0')).toMatchObject({ kvs: [kv('/b/x', 'four')], size: 4 });
    expect(reads.range('/b/', '/b')).toBeUndefined();
    reads.changed('/b/', at('/b/'));
    expect(reads.range('/b/', '/b0')).toBeUndefined();
  });

  it('is only what is small', () => {
    const reads = new RecentReads();
    for (const size of [LARGEST_RECENT_HEAD, LARGEST_RECENT_HEAD - 64])
      reads.keepHead(`/${size}`, at('/a', 'v'.repeat(size)));
    expect(reads.head(`/${LARGEST_RECENT_HEAD}`)).toBeUndefined();
    expect(reads.head(`/${LARGEST_RECENT_HEAD - 64}`)).toBeDefined();
    // A value that has become large is not what it was.
    reads.changed(`/${LARGEST_RECENT_HEAD - 64}`, at('/a', 'v'.repeat(LARGEST_RECENT_HEAD)));
    expect(reads.head(`/${LARGEST_RECENT_HEAD - 64}`)).toBeUndefined();
    const room = LARGEST_RECENT_RANGE - 64 - '/c/x'.length;
    reads.keepRange('/c/', '/c0', [kv('/c/x', 'v'.repeat(room + 1))]);
    reads.keepRange('/d/', '/d0', [kv('/d/x', 'v'.repeat(room))]);
    expect([reads.range('/c/', '/c0'), reads.range('/d/', '/d0')?.size]).toEqual([undefined, room]);
  });

  it('is bounded', () => {
    const reads = new RecentReads();
    for (let i = 0; i <= MAX_RECENT_RANGES; i++) reads.keepRange(`/${i}/`, `/${i}0`, []);
    expect([reads.range('/0/', '/00'), reads.range('/1/', '/10')?.kvs]).toEqual([undefined, []]);
    const heads = Math.floor(RECENT_HEADS_SIZE / 64);
    for (let i = 0; i <= heads; i++) reads.keepHead(`/${i}`, undefined);
    expect([reads.head('/0'), reads.head('/1')]).toEqual([undefined, 'absent']);
  });
});
