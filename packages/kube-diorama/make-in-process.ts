/** What a cluster in this process is made of. Most of Diorama is behind this file, so it is loaded when the first one is made. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTS } from '../../scripts/local/installation.ts';
import { webhookCaller } from '../../scripts/local/webhook-caller.ts';
import type { Prose } from '../../src/apiserver/openapi/prose.ts';
import { createSteppedCluster, type SteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { type CallWebhook, isAllowedWebhook, unreachable } from '../../src/objects/webhook-call.ts';
import { clusterRequestSchema, clusterSpec } from '../../src/platform/clusters/cluster-spec.ts';
import { type Ask, applyManifests, parseManifests } from '../../src/platform/clusters/manifests.ts';
import { newClusterId, newToken } from '../../src/platform/tokens.ts';
import { createAuthority } from '../../src/resources/certificates/x509/authority.ts';

export type MadeInProcess = SteppedCluster & { id: string; token: string };

/** One for all clusters of a process. */
let rootCA: Promise<string> | undefined;
const makeRootCA = async (): Promise<string> =>
  (await createAuthority({ commonName: 'Diorama', now: Date.now(), years: 10 })).certificate;

let read: Promise<Prose> | undefined;
const prose = (): Promise<Prose> => (read ??= readFile(join(PARTS, 'assets/prose.json'), 'utf8').then(JSON.parse));

/** Calls what is allowed from this process. */
function callerOf(allowed: readonly string[]): CallWebhook | undefined {
  if (allowed.length === 0) return undefined;
  const { call } = webhookCaller('any');
  return (asked) =>
    isAllowedWebhook(allowed, asked.url) ? call(asked) : Promise.resolve({ error: unreachable(asked.url) });
}

/** @throws Error that names what of the options cannot be */
export async function makeInProcess(options: object): Promise<MadeInProcess> {
  const parsed = clusterRequestSchema.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${['', ...issue!.path].join('/')}: ${issue!.message}`);
  }
  const { manifests: given, kubeconfig: _, ...request } = parsed.data;
  const manifests = given === undefined ? [] : parseManifests(given);
  const id = newClusterId();
  const token = newToken(id);
  const spec = clusterSpec(request, id, '', Date.now());
  spec.clock = { ...spec.clock, speed: 1, paused: false };
  rootCA ??= makeRootCA();
  const callWebhook = callerOf(spec.webhooks?.allow ?? []);
  const cluster = await createSteppedCluster({ spec, adminToken: token, rootCA: await rootCA, prose, callWebhook });
  const ask: Ask = (method, path, headers = {}, body) => {
    const init = { method, headers: { ...headers, authorization: `Bearer ${token}` }, ...(body ? { body } : {}) };
    return cluster.handle(new Request(new URL(path, 'https://cluster'), init));
  };
  const { failed } = await applyManifests(manifests, ask, () => cluster.advance(0));
  if (failed.length > 0) throw new Error(`manifests/${failed[0]!.index}: ${failed[0]!.message}`);
  return Object.defineProperties(cluster, { id: { value: id }, token: { value: token } }) as MadeInProcess;
}
