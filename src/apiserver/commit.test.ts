/** What a client is told when its write does not come through. */
import { expect, it } from 'vitest';
import { CONFIG as config } from '../../test/storage-config.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { Draws } from '../simulation/draws.ts';
import { MAX_DECISIONS } from './commit.ts';
import { ADMIN } from './identity/authentication.ts';
import { createApiServer } from './server.ts';
import type { Outcome, Proposal, ReadResult, Storage } from './storage/storage.ts';

const VALUE = '{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"default"}}';

/** A storage of namespaces alone, whose turns are what `outcome` says; and what was proposed and given back. */
function storageOf(outcome: (proposal: Proposal) => Outcome | { taken: true }) {
  const proposals: Proposal[] = [];
  const released: number[] = [];
  const read: Storage['read'] = async (ranges): Promise<ReadResult> => ({
    revision: 7,
    now: 0,
    catalogRevision: BUILT_IN.revision,
    responses: ranges.map(({ key }) => {
      const kvs = key.startsWith('/registry/namespaces/')
        ? [{ key, value: VALUE, createRevision: 1, modRevision: 1, version: 1, lease: '0' }]
        : [];
      return { revision: 7, count: kvs.length, more: false, kvs };
    }),
  });
  const storage: Storage = {
    catalog: BUILT_IN,
    renewCatalog: () => Promise.reject(new Error('no other kinds here')),
    draws: new Draws(),
    read,
    async propose(proposal) {
      proposals.push(proposal);
      const answer = outcome(proposal);
      if (!('taken' in answer)) return answer;
      return { again: await read(proposal.ranges), turn: proposals.length };
    },
    release: async (turn) => void released.push(turn),
    watch: () => Promise.reject(new Error('no watches here')),
  };
  return { storage, proposals, released };
}

const post = (storage: Storage, body: unknown, query = ''): Promise<Response> =>
  createApiServer({ storage, config }).handle(
    new Request(`http://cluster/api/v1/namespaces/default/configmaps${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
    ADMIN,
  );

it('decides again with its turn, under another name, and warns once', async () => {
  const { storage, proposals, released } = storageOf(({ turn }) => (turn === 2 ? { revision: 9 } : { taken: true }));
  const sent = { metadata: { generateName: 'g-' }, kind: 'ConfigMap', apiVersion: 'v1', unknown: 1 };
  const answer = await post(storage, sent, '?fieldValidation=Warn');
  expect(answer.status).toBe(201);
  expect(answer.headers.get('warning')).toBe('299 - "unknown field \\"unknown\\""');
  expect(proposals.map(({ turn }) => turn)).toEqual([undefined, 1, 2]);
  const keys = proposals.map(({ steps }) => (steps[0]![0] as { put: { key: string } }).put.key);
  expect(new Set(keys).size).toBe(3);
  expect(new Set(proposals.map(({ draw }) => draw)).size).toBe(3);
  expect(released).toEqual([]);
});

it('answers 429 while too many wait', async () => {
  const { storage } = storageOf(() => ({ busy: true }));
  const answer = await post(storage, { metadata: { name: 'a' } });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
});

it('gives up at last where it is overtaken in its own turn each time, and gives the turn back', async () => {
  const { storage, proposals, released } = storageOf(() => ({ taken: true }));
  const answer = await post(storage, { metadata: { name: 'a' } });
  expect([answer.status, ((await answer.json()) as { reason: string }).reason]).toEqual([504, 'Timeout']);
  expect(proposals).toHaveLength(MAX_DECISIONS);
  expect(released).toEqual([MAX_DECISIONS]);
  const lucky = storageOf(({ turn }) => (turn === MAX_DECISIONS - 1 ? { revision: 9 } : { taken: true }));
  expect((await post(lucky.storage, { metadata: { name: 'a' } })).status).toBe(201);
});
