import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import type { PlatformBindings } from '../bindings.ts';
import { clusterRequestSchema, clusterSpec } from '../clusters/cluster-spec.ts';
import { MAX_KNOWN_CLUSTERS, UNKNOWN_CLUSTER_LIFETIME_MS } from '../limits.ts';
import { newClusterId } from '../tokens.ts';
import { addCluster, changeCluster, removeCluster } from './directory.ts';
import { forgetCluster, isCluster, rememberCluster } from './known-clusters.ts';

const { DB } = env as unknown as PlatformBindings;
const NOW = 1_800_000_000_000;
const TTL = 60;

let id = '';
let asked = 0;
beforeEach(() => {
  id = newClusterId();
  asked = 0;
});
const known = (now = NOW): Promise<boolean> =>
  isCluster(DB, id, now, () => {
    asked++;
  });
const add = () => addCluster(DB, clusterSpec(clusterRequestSchema.parse({ ttl: TTL }), id, 'hash', NOW), {});

it('the directory is asked once about a cluster that there is', async () => {
  await add();
  for (let i = 0; i < 3; i++) expect(await known()).toBe(true);
  expect(asked).toBe(1);
  expect(await known(NOW + TTL * 1000 - 1)).toBe(true);
  for (let i = 0; i < 3; i++) expect(await known(NOW + TTL * 1000)).toBe(false);
  expect(asked).toBe(2);
});

it('and again at its end, for another Worker may have been told that it lives longer', async () => {
  await add();
  expect(await known()).toBe(true);
  await changeCluster(DB, id, { expiresAt: NOW + 2 * TTL * 1000 });
  expect(await known(NOW + TTL * 1000)).toBe(true);
  expect(await known(NOW + 2 * TTL * 1000 - 1)).toBe(true);
  expect(asked).toBe(2);
  expect(await known(NOW + 2 * TTL * 1000)).toBe(false);
});

it('and once in a while about one that there is not', async () => {
  for (let i = 0; i < 3; i++) expect(await known()).toBe(false);
  expect(await known(NOW + UNKNOWN_CLUSTER_LIFETIME_MS - 1)).toBe(false);
  expect(asked).toBe(1);
  await add();
  expect(await known(NOW + UNKNOWN_CLUSTER_LIFETIME_MS)).toBe(true);
  expect(asked).toBe(2);
});

it('never about what is no id', async () => {
  for (const text of ['', 'a', 'A234567890', '0bcdefghij', 'abcdefghi1', 'abcdefghijk', 'abcdefghi\n', '../../etc/']) {
    id = text;
    expect(await known()).toBe(false);
  }
  expect(asked).toBe(0);
});

it('what is made or ended here is known at once', async () => {
  expect(await known()).toBe(false);
  rememberCluster(id, NOW + 1000);
  expect(await known()).toBe(true);
  forgetCluster(id);
  await removeCluster(DB, id);
  expect(await known()).toBe(false);
});

it('whoever may not ask the directory learns nothing', async () => {
  await add();
  const refuse = () => {
    throw new Error('too often');
  };
  await expect(isCluster(DB, id, NOW, refuse)).rejects.toThrow('too often');
  expect(await known()).toBe(true);
});

it('so many are remembered, and of more the ones that were told of last', async () => {
  const others = (count: number): void => {
    for (let i = 0; i < count; i++) rememberCluster(`other-${i}`, NOW + 1000);
  };
  rememberCluster(id, NOW + 1000);
  others(MAX_KNOWN_CLUSTERS - 1);
  expect([await known(), asked]).toEqual([true, 0]);
  rememberCluster(id, NOW + 1000);
  others(MAX_KNOWN_CLUSTERS);
  expect([await known(), asked]).toEqual([false, 1]);
});
