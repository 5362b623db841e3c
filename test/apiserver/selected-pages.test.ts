/** How much is read of the store for a page of what a selector chooses. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { FIRST_PART_BYTES, MAX_FILTERED_PAGE } from '../../src/apiserver/read/list-scan.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { CONFIG as config } from '../storage-config.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const KEYS = '/registry/configmaps/default/';
const nameOf = (i: number): string => `c${String(i).padStart(5, '0')}`;

let sql: ReturnType<typeof nodeSql>;
let store: Store;
beforeEach(() => {
  sql = nodeSql();
  store = new Store(sql);
});
afterEach(() => sql.close());

/** `some` have the label a=b: every tenth. */
function fill(count: number, data = ''): void {
  store.atomically(() => {
    for (let i = 0; i < count; i++) {
      const name = nameOf(i);
      const metadata = { name, namespace: 'default', ...(i % 10 === 9 ? { labels: { a: 'b' } } : {}) };
      const value = JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { data } });
      store.put({ key: `${KEYS}${name}`, value });
    }
  });
}

/** The answer, and how many objects each read of the collection asked for. */
async function call(query: string, method = 'GET'): Promise<{ list: any; names: string[]; limits: number[] }> {
  const storage = storeStorage(store, { now: () => 0, catalog: () => BUILT_IN });
  const limits: number[] = [];
  const server = createApiServer({
    storage: {
      ...storage,
      read(ranges) {
        for (const { key, rangeEnd, limit = 0 } of ranges) if (rangeEnd && key.startsWith(KEYS)) limits.push(limit);
        return storage.read(ranges);
      },
    },
    config,
  });
  const response = await server.handle(new Request(`http://cluster${PATH}?${query}`, { method }), ADMIN);
  const list = (await response.json()) as any;
  return { list, names: list.items.map((item: any) => item.metadata.name), limits };
}

it('each read asks for twice as much as the one before, and nothing is read again', async () => {
  fill(300);
  const { list, limits } = await call('limit=1&labelSelector=a%3Dc');
  expect([list.items, list.metadata.continue]).toEqual([[], undefined]);
  expect(limits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  const all: string[] = [];
  const reads: number[] = [];
  for (let token = ''; ; ) {
    const page = await call(`limit=4&labelSelector=a%3Db${token && `&continue=${token}`}`);
    expect(page.names.length).toBeLessThanOrEqual(4);
    all.push(...page.names);
    reads.push(page.limits.length);
    token = encodeURIComponent(page.list.metadata.continue ?? '');
    if (token === '') break;
  }
  expect(all).toEqual(Array.from({ length: 30 }, (_, i) => nameOf(10 * i + 9)));
  expect(Math.max(...reads)).toBeLessThanOrEqual(4);
});

it('at most so many objects are asked for at once, unless the client wants more', async () => {
  fill(MAX_FILTERED_PAGE + 7000);
  const limitsOf = async (limit: number) => (await call(`limit=${limit}&labelSelector=a%3Dc`)).limits;
  expect(await limitsOf(6000)).toEqual([6000, MAX_FILTERED_PAGE, MAX_FILTERED_PAGE]);
  expect(await limitsOf(MAX_FILTERED_PAGE + 1)).toEqual([MAX_FILTERED_PAGE + 1, MAX_FILTERED_PAGE + 1]);
});

it('what is too long to be held is read a second time, and is the same', async () => {
  const size = 200_000;
  const chosen = Math.ceil(FIRST_PART_BYTES / size) + 2;
  fill(10 * chosen, 'x'.repeat(size));
  const { names, list } = await call(`limit=${chosen - 1}&labelSelector=a%3Db`);
  expect(names).toEqual(Array.from({ length: chosen - 1 }, (_, i) => nameOf(10 * i + 9)));
  expect(list.metadata.continue).toEqual(expect.any(String));
  const short = await call(`limit=20&labelSelector=a%3Db`);
  expect(short.names).toHaveLength(20);
  // Of 200 objects 20 are a first part and 10 each other one: a second scan would be as many again.
  expect(short.limits.length).toBeLessThanOrEqual(20);
});

it('all that is deleted is answered, though it was found in several reads', async () => {
  fill(300);
  const { names, limits } = await call('limit=3&labelSelector=a%3Db', 'DELETE');
  expect(names).toEqual([nameOf(9), nameOf(19), nameOf(29)]);
  expect(limits).toEqual([3, 6, 12, 24]);
  const { list } = await call('');
  expect(list.items).toHaveLength(297);
});

it('no more than a first part is read before a long list begins, and the rest as it is taken', async () => {
  const size = 200_000;
  fill(100, 'x'.repeat(size));
  const storage = storeStorage(store, { now: () => 0, catalog: () => BUILT_IN });
  let bytes = 0;
  const server = createApiServer({
    storage: {
      ...storage,
      async read(ranges) {
        const result = await storage.read(ranges);
        for (const { kvs } of result.responses) for (const { value } of kvs) bytes += value.length;
        return result;
      },
    },
    config,
  });
  const response = await server.handle(new Request(`http://cluster${PATH}`), ADMIN);
  expect(bytes).toBeLessThanOrEqual(FIRST_PART_BYTES + size);
  expect(((await response.json()) as any).items).toHaveLength(100);
  expect(bytes).toBeGreaterThan(100 * size);
});
