/** What comes of a request while the cluster's kinds change. */
import { describe, expect, it } from 'vitest';
import { CONFIG as config } from '../../test/storage-config.ts';
import type { Catalog, KindDefinition } from '../catalog/catalog.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { Draws } from '../simulation/draws.ts';
import { LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { ADMIN } from './identity/authentication.ts';
import { MAX_CATALOGS } from './one-catalog.ts';
import { createApiServer } from './server.ts';
import type { Proposal, ReadResult, Storage } from './storage/storage.ts';

/** Widgets have the type of ConfigMaps. */
const WIDGETS: KindDefinition = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  singular: 'widget',
  namespaced: false,
  verbs: ['create', 'get', 'list', 'watch'],
  shortNames: [],
  categories: [],
  storage: 'example.com/widgets',
  schema: 'com.example.v1.Widget',
  storageVersionHash: '',
  subresources: [],
};
const configMap = BUILT_IN.named('configmaps')!.struct!;
const TYPE = {
  ...configMap,
  name: 'com.example.v1.Widget',
  groupVersionKinds: [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
};
const WITH_WIDGETS = BUILT_IN.with({ revision: 5, kinds: [WIDGETS], structs: [TYPE] });
const PATH = '/apis/example.com/v1/widgets';

/** An empty storage whose reader knows `known` at first, while the cluster has what `actual` says. */
function storageOf(known: Catalog, actual: () => Catalog) {
  const proposals: Proposal[] = [];
  let catalog = known;
  let renewed = 0;
  const read = async (ranges: unknown[]): Promise<ReadResult> => ({
    revision: 7,
    now: 0,
    catalogRevision: actual().revision,
    admission: null,
    responses: ranges.map(() => ({ revision: 7, count: 0, more: false, kvs: [] })),
  });
  const storage: Storage = {
    get catalog() {
      return catalog;
    },
    async renewCatalog() {
      renewed++;
      catalog = actual();
    },
    draws: new Draws(),
    read,
    async propose(proposal) {
      proposals.push(proposal);
      return { revision: 8 };
    },
    release: async () => undefined,
    watch: () => Promise.reject(new Error('no watches here')),
  };
  return { storage, proposals, renewed: () => renewed };
}

const ask = (storage: Storage, method: string, path: string, body?: string): Promise<Response> =>
  createApiServer({ storage, config }).handle(
    new Request(`http://cluster${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(body ? { 'content-length': String(body.length) } : {}) },
      ...(body ? { body } : {}),
    }),
    ADMIN,
  );

const bodyOf = (bytes: number): string => {
  const body = { metadata: { name: 'a' }, data: { a: '' } };
  body.data.a = 'x'.repeat(bytes - JSON.stringify(body).length);
  return JSON.stringify(body);
};

describe('a request that comes while other kinds are known than there are', () => {
  it('finds a kind that has come', async () => {
    const { storage, renewed } = storageOf(BUILT_IN, () => WITH_WIDGETS);
    const response = await ask(storage, 'GET', PATH);
    expect([response.status, ((await response.json()) as { kind: string }).kind]).toEqual([200, 'WidgetList']);
    expect(renewed()).toBe(1);
    expect((await ask(storage, 'GET', PATH)).status).toBe(200);
    expect(renewed()).toBe(1);
  });

  it('finds none that is gone', async () => {
    const { storage } = storageOf(WITH_WIDGETS, () => BUILT_IN);
    expect((await ask(storage, 'GET', PATH)).status).toBe(404);
  });

  it.each([PATH.replace('/widgets', ''), '/apis', '/openapi/v3'])(
    'is told of a kind that has come: %s',
    async (path) => {
      const { storage } = storageOf(BUILT_IN, () => WITH_WIDGETS);
      expect(await (await ask(storage, 'GET', path)).text()).toContain('example.com');
    },
  );

  it.each([LIGHT_BYTES, LIGHT_BYTES + 1])('writes once what it has read once: %i bytes', async (bytes) => {
    // The kind that is known has another type than the one that there is.
    const narrow = { ...TYPE, fields: [], declared: [], byName: new Map() };
    const known = BUILT_IN.with({ revision: 4, kinds: [WIDGETS], structs: [narrow] });
    const { storage, proposals } = storageOf(known, () => WITH_WIDGETS);
    const body = bodyOf(bytes);
    expect(body).toHaveLength(bytes);
    const response = await ask(storage, 'POST', PATH, body);
    const { data } = (await response.json()) as { data?: { a: string } };
    expect([response.status, data]).toEqual([201, JSON.parse(body).data]);
    expect(proposals).toHaveLength(1);
  });

  it('is served by one catalog, whatever comes after its first read', async () => {
    let revision = 5;
    const changing = (): Catalog => (revision++ === 5 ? WITH_WIDGETS : BUILT_IN);
    const { storage, proposals, renewed } = storageOf(WITH_WIDGETS, changing);
    expect((await ask(storage, 'POST', PATH, bodyOf(100))).status).toBe(201);
    expect([proposals.length, renewed()]).toEqual([1, 0]);
  });

  it.each([
    [MAX_CATALOGS - 1, 200],
    [MAX_CATALOGS, 429],
  ])('begins anew as often as it may: %i changes, %i', async (changes, status) => {
    let left = changes;
    const { storage, renewed } = storageOf(BUILT_IN, () => WITH_WIDGETS);
    const changing: Storage = {
      ...storage,
      catalog: WITH_WIDGETS,
      async read(ranges) {
        const result = await storage.read(ranges);
        return left-- > 0 ? { ...result, catalogRevision: 99 } : result;
      },
    };
    const response = await ask(changing, 'GET', PATH);
    expect(response.status).toBe(status);
    expect(renewed()).toBe(MAX_CATALOGS - 1);
  });

  it('has the right kind for a transport of its own', async () => {
    const { storage } = storageOf(BUILT_IN, () => WITH_WIDGETS);
    const server = createApiServer({ storage, config });
    const exchange = await server.exchange(new Request(`http://cluster${PATH}?watch=true`), ADMIN);
    expect([exchange!.kind.name, exchange!.storage.catalog]).toEqual(['widgets.example.com', WITH_WIDGETS]);
  });
});
