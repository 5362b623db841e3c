/** What a write costs where there are policies, and where there are none: reads of the store. */
import { describe, expect, it } from 'vitest';
import { MAX_CONFIGURATIONS } from '../../src/apiserver/commit.ts';
import { MAX_REMEMBERED_CONFIGURATIONS } from '../../src/apiserver/dynamic-admission/configurations.ts';
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import type { ReadResult, Storage } from '../../src/apiserver/storage/storage.ts';
import { baseLayer } from '../../src/catalog/base-layer.ts';
import { AdmissionMark } from '../../src/cluster/admission-mark.ts';
import { constantBase } from '../../src/etcd/base.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { CONFIG } from '../storage-config.ts';
import type { Call } from './calls.ts';
import { POLICIES, rule, validating } from './policies.ts';

let clusters = 0;

/** A cluster whose reads are counted; `seen` may change what a read tells. */
function counted(seen: (result: ReadResult) => ReadResult = (result) => result) {
  const base = baseLayer({
    serviceCIDR: '10.96.0.0/16',
    createdAt: '2026-01-05T10:00:00Z',
    seed: 'seed',
    rootCA: 'PEM',
    clientCA: 'PEM',
    frontProxyCA: 'PEM',
    flowControl: false,
    controllers: false,
  });
  const store = new Store(nodeSql(), { base: constantBase(base) });
  const storage = storeStorage(store, {
    now: () => 0,
    catalog: () => BUILT_IN,
    admission: new AdmissionMark(store),
  });
  let reads = 0;
  const counting: Storage = Object.create(storage, {
    read: {
      value: async (ranges: Parameters<Storage['read']>[0]) => {
        reads++;
        return seen(await storage.read(ranges));
      },
    },
  });
  const server = createApiServer({ storage: counting, config: { ...CONFIG, id: `counted-${clusters++}` } });
  const call: Call = async (method, path, body) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': String(text.length) };
    const sent = text === '' ? {} : { body: text };
    const answer = await server.handle(new Request(`http://cluster${path}`, { method, headers, ...sent }), ADMIN);
    return { status: answer.status, body: await answer.json(), headers: answer.headers };
  };
  const cost = async (name: string): Promise<[status: number, reads: number]> => {
    const before = reads;
    const { status } = await call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name } });
    return [status, reads - before];
  };
  return { call, cost };
}

describe('a write', () => {
  it('reads once where there are no policies, and where they are known', async () => {
    const { call, cost } = counted();
    expect(await cost('a')).toEqual([201, 1]);
    await validating(call, 'p', [rule('configmaps')], 'object.metadata.name != "no"');
    // The policies are read, and what they want to see.
    expect(await cost('b')).toEqual([201, 3]);
    expect(await cost('c')).toEqual([201, 1]);
    expect(await cost('no')).toEqual([422, 1]);
    await call('DELETE', `${POLICIES}/validatingadmissionpolicies/p`);
    expect((await cost('no'))[0]).toBe(201);
    // Who asks what somebody may do needs the roles, and whether they are still those.
    await validating(call, 'q', [rule('configmaps')], 'authorizer.path("/x").check("get").allowed()');
    await cost('c2');
    expect((await cost('c3'))[1]).toBeLessThanOrEqual(3);
    await call('DELETE', `${POLICIES}/validatingadmissionpolicies/q`);
    await call('DELETE', `${POLICIES}/validatingadmissionpolicybindings/q`);
    await call('DELETE', `${POLICIES}/validatingadmissionpolicybindings/p`);
    expect(await cost('d')).toEqual([201, 1]);
  });

  it(`remembers policies of ${MAX_REMEMBERED_CONFIGURATIONS} characters, and reads larger ones each time`, async () => {
    // Of all there is, but for what has no say: a message may be of any length.
    const withMessage = async (length: number) => {
      const { call, cost } = counted();
      const halves = ['x'.repeat(Math.floor(length / 2)), 'x'.repeat(Math.ceil(length / 2))];
      for (const [i, message] of halves.entries())
        await validating(call, `p${i}`, [rule('configmaps')], { expression: 'object.metadata.name != "no"', message });
      await cost('a');
      return [await cost('b'), (await cost('no'))[0]];
    };
    const OTHERS = 4096;
    expect(await withMessage(MAX_REMEMBERED_CONFIGURATIONS - OTHERS)).toEqual([[201, 1], 422]);
    expect(await withMessage(MAX_REMEMBERED_CONFIGURATIONS)).toEqual([[201, 3], 422]);
  });

  it(`is told to come back when the policies have changed ${MAX_CONFIGURATIONS} times before it could ask them`, async () => {
    const changing = (times: number) => {
      let changes = 0;
      // Each read that is not of the policies themselves finds others.
      return counted((result) => {
        const isOfPolicies = result.responses.length === 6;
        if (!isOfPolicies && changes < times) changes++;
        return { ...result, admission: { store: `changing-${times}`, changes } };
      });
    };
    expect((await changing(MAX_CONFIGURATIONS).cost('a'))[0]).toBe(201);
    expect((await changing(MAX_CONFIGURATIONS + 1).cost('a'))[0]).toBe(429);
  });
});
