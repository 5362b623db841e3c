/** What must be known of a cluster before a request to it can be served, and what lets a request in. */
import type { Gate } from '../apiserver/gate.ts';
import { issuerOf } from '../apiserver/identity/service-account-token.ts';
import type { TokenKey, TokenKeySource } from '../apiserver/identity/token-key.ts';
import type { ClusterConfig } from '../apiserver/storage/storage.ts';
import { StatusError } from '../objects/status.ts';
import { clusterOfToken } from '../platform/tokens.ts';
import { BoundedMap } from '../simulation/bounded-map.ts';
import { clusterTime } from '../simulation/clock.ts';
import { Draws } from '../simulation/draws.ts';
import { KnownKinds } from './known-kinds.ts';
import type { RemoteStorage } from './remote-storage.ts';
import type { ClusterRpc, Entry, Refused } from './rpc.ts';
import type { Running } from './running.ts';

/** Clusters whose entry a Worker remembers; the object refuses an entry that is no longer true. */
export const MAX_REMEMBERED_ENTRIES = 1000;
/** For how long: a clock that was changed is noticed after as much. */
const ENTRY_LIFETIME_MS = 1000;
const entries = new BoundedMap<Opened & { at: number }>(MAX_REMEMBERED_ENTRIES);

export interface Opened {
  entry: Entry;
  draws: Draws;
  kinds: KnownKinds;
}

/** @throws StatusError 503 for a cluster that is there and is not served */
function servedEntry(answer: Entry | Refused | null): Entry | null {
  if (answer && 'refused' in answer)
    throw new StatusError(503, 'ServiceUnavailable', `${answer.refused}. Nothing of it was changed.`);
  return answer;
}

/** Null: there is no such cluster. */
export async function openEntry(stub: Pick<ClusterRpc, 'open'>, id: string): Promise<Opened | null> {
  const now = Date.now();
  const remembered = entries.get(id);
  if (remembered && now - remembered.at < ENTRY_LIFETIME_MS) return remembered;
  const entry = servedEntry(await stub.open());
  // Requests under way go on drawing while an entry is renewed.
  const before = entries.get(id);
  const draws = before?.draws ?? new Draws();
  entries.delete(id);
  if (!entry) return null;
  const kinds = before && before.entry.epoch === entry.epoch ? before.kinds : new KnownKinds();
  const opened = { entry, draws, kinds, at: now };
  entries.set(id, opened);
  return opened;
}

/** A running cluster's entry, as its object tells it. */
export function entryOf({ life, cluster, flows }: Running): Entry {
  const { id, seed, serviceCIDR, podCIDR, nodePortRange, components, audit } = life.spec;
  const plain = { id, seed, serviceCIDR, podCIDR, nodePortRange, components };
  const config: ClusterConfig = audit ? { ...plain, audit } : plain;
  return {
    epoch: life.epoch,
    config,
    adminTokenHashes: life.spec.adminTokenHashes,
    issued: life.issued ?? [],
    ...(life.tokenKey ? { tokenKey: life.tokenKey } : {}),
    ...(life.authorities ? { clientCA: life.authorities.client.certificate } : {}),
    clock: cluster.clock,
    flows: flows.current,
    ...(life.spec.behaviours ? { behaviours: life.spec.behaviours } : {}),
    expiresAt: life.spec.expiresAt,
  };
}

export function forgetEntry(id: string): void {
  entries.delete(id);
}

/** What a cluster accepts as proof. `open` asks for its entry as it is this moment. */
export const gateOf = (entry: Entry, storage: RemoteStorage, open: ClusterRpc['open']): Gate => ({
  credentials: {
    adminTokenHashes: entry.adminTokenHashes,
    tokenKey: tokenKeyOf(entry, storage),
    issued: async (fresh) => (fresh ? (servedEntry(await open())?.issued ?? []) : entry.issued),
    mayHaveIssued: (token) => clusterOfToken(token) === entry.config.id,
    issuer: issuerOf(entry.config.id),
    ...(entry.clientCA === undefined ? {} : { clientCA: entry.clientCA }),
  },
  storage,
  now: () => clusterTime(entry.clock, Date.now()),
  realNow: () => Date.now(),
});

/** The cluster's key as the entry has it; one that was made since the entry was read is asked for. */
const tokenKeyOf = (entry: Entry, storage: RemoteStorage): TokenKeySource => {
  const ask = async (make: boolean): Promise<TokenKey | undefined> => {
    const key = entry.tokenKey ?? (await storage.tokenKey(make));
    if (key) entry.tokenKey = key;
    return key;
  };
  return { find: () => ask(false), make: async () => (await ask(true))! };
};
