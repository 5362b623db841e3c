import { describe, expect, it } from 'vitest';
import { constantBase } from './base.ts';
import { MAX_DIVISIONS, MAX_JOINED_BYTES } from './joined-values.ts';
import { nodeSql } from './sql-node.node.ts';
import { Store } from './store.ts';
import type { RangeRequest, Splice } from './types.ts';

const SPLICE: Splice = { head: '{"a', before: '{"r":', after: ',"a', since: 0 };
const ALL = { key: 'k', rangeEnd: 'l' };

/** What is asked for as one text, and the same value by value. */
function both(store: Store, request: Partial<RangeRequest> = {}, splice = SPLICE) {
  const { joined, ...asked } = store.range({ ...ALL, ...request, splice });
  const plain = store.range({ ...ALL, ...request });
  const items = plain.kvs.map(
    ({ modRevision, value }) =>
      `${splice.before}${modRevision}${splice.after}${String(value).slice(splice.head.length)}`,
  );
  return { joined, asked, plain, text: items.join(','), last: plain.kvs.at(-1)?.key ?? '' };
}

function expectJoined(store: Store, request?: Partial<RangeRequest>): void {
  const { joined, asked, plain, text, last } = both(store, request);
  const bytes = plain.kvs.reduce((sum, { value }) => sum + new TextEncoder().encode(String(value)).length, 0);
  expect(joined).toEqual({ text, bytes, count: plain.kvs.length, last });
  // Known from then on.
  expect(both(store, request).joined).toEqual(joined);
  expect(asked).toEqual({ ...plain, kvs: [] });
}

const putAll = (store: Store, values: string[]): void => {
  for (const [i, value] of values.entries()) store.put({ key: `k${String(i).padStart(4, '0')}`, value });
};

describe('values as one text', () => {
  it('are those that there are, in their order, up to the limit', () => {
    const store = new Store(nodeSql());
    expectJoined(store);
    putAll(store, ['{"a":1}', '{"a":"é\\u0000"}', '{"a":[]}', '{"a😀":0}']);
    store.put({ key: 'k0001', value: '{"ab":2}' });
    store.deleteRange({ key: 'k0002' });
    store.put({ key: 'j', value: '{"a":0}' });
    for (const limit of [0, 1, 2, 3, 4]) expectJoined(store, { limit });
    expectJoined(store, { key: 'k0001\0', limit: 1 });
    expectJoined(store, { key: 'k9' });
  });

  it('are those of the layer below too, until they are changed or gone', () => {
    const base = constantBase(['k0', 'k0001', 'k2', 'k3'].map((key) => [key, `{"a":"${key}"}`]));
    const store = new Store(nodeSql(), { base });
    putAll(store, ['{"a":0}', '{"a":1}', '{"a":2}']);
    expectJoined(store);
    store.deleteRange({ key: 'k2' });
    store.put({ key: 'k3', value: '{"a":3}' });
    for (const limit of [0, 1, 2, 3, 4, 5, 6]) expectJoined(store, { limit });
    for (const count of [MAX_DIVISIONS, MAX_DIVISIONS + 1]) {
      const many = constantBase(Array.from({ length: count }, (_, i) => [`k${i}`, '{"a":0}']));
      expect(both(new Store(nodeSql(), { base: many })).joined !== undefined).toBe(count === MAX_DIVISIONS);
    }
  });

  it.each([
    ['as it was', { revision: 2 }],
    ['in another order', { sortTarget: 'MOD', sortOrder: 'DESCEND' }],
    ['without the values', { keysOnly: true }],
  ] as const)('are not for who asks for it %s', (_, request) => {
    const store = new Store(nodeSql());
    putAll(store, ['{"a":1}', '{"a":2}']);
    const { joined, asked, plain } = both(store, request);
    expect([joined, asked]).toEqual([undefined, plain]);
  });

  it.each([
    ['begin otherwise', '{"b":1}'],
    ['are bytes', new Uint8Array([1, 255])],
  ])('are not where some %s', (_, value) => {
    const store = new Store(nodeSql());
    putAll(store, ['{"a":1}', '{"a":2}']);
    store.put({ key: 'k5', value });
    const { joined, asked, plain } = both(store);
    expect([joined, asked]).toEqual([undefined, plain]);
  });

  it('are only of later revisions than is said', () => {
    const store = new Store(nodeSql());
    putAll(store, ['{"a":1}', '{"a":2}']);
    expect(both(store, {}, { ...SPLICE, since: 1 }).joined?.count).toBe(2);
    expect(both(store, {}, { ...SPLICE, since: 2 }).joined).toBeUndefined();
  });

  it('are no more than is wanted', () => {
    const store = new Store(nodeSql());
    putAll(store, ['{"a":1}', '{"a":2}']);
    expect(both(store, { maxBytes: 14 }).joined?.count).toBe(2);
    expect(both(store, { maxBytes: 13 }).joined).toBeUndefined();
  });

  it('are put together bit by bit where they are long, unless they are very long', () => {
    const store = new Store(nodeSql());
    const filled = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`;
    const most = MAX_JOINED_BYTES / 16;
    putAll(
      store,
      Array.from({ length: 40 }, () => filled(most)),
    );
    expectJoined(store);
    expectJoined(store, { limit: 33 });
    store.put({ key: 'k5', value: filled(most + 1) });
    expect(both(store).joined).toBeUndefined();
    // Few are read at once.
    expect(both(store, { key: 'k5' }).joined?.count).toBe(1);
  });
});
