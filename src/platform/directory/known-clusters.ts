/**
 * Which ids are clusters', as far as this Worker knows. To touch a Durable Object is to make it, so an id that nobody has made must
 * be refused before: the directory is asked once about an id, and what it said is remembered, so that it is on the path of a
 * cluster's first request only.
 */
import type { D1Database } from '@cloudflare/workers-types';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { MAX_KNOWN_CLUSTERS, UNKNOWN_CLUSTER_LIFETIME_MS } from '../limits.ts';
import { isClusterId } from '../tokens.ts';
import { findCluster } from './directory.ts';

/** Until when a cluster lives, milliseconds since 1970, real time. */
const known = new BoundedMap<number>(MAX_KNOWN_CLUSTERS);
/** Until when the directory isn't asked again about an id that it did not have. */
const unknown = new BoundedMap<number>(MAX_KNOWN_CLUSTERS);

export function rememberCluster(id: string, expiresAt: number): void {
  known.set(id, expiresAt);
  unknown.delete(id);
}

/** The cluster is gone. */
export function forgetCluster(id: string): void {
  known.delete(id);
}

/** Whether a cluster has this id and has not expired. `asked` is called before the directory is, and may refuse by throwing. */
export async function isCluster(database: D1Database, id: string, now: number, asked: () => void): Promise<boolean> {
  const expiresAt = known.get(id);
  if (expiresAt !== undefined && now < expiresAt) return true;
  // It may live longer by now, as another Worker was told.
  known.delete(id);
  if (!isClusterId(id) || now < (unknown.get(id) ?? 0)) return false;
  asked();
  const found = await findCluster(database, id, now);
  if (found) rememberCluster(id, found.expiresAt);
  else unknown.set(id, now + UNKNOWN_CLUSTER_LIFETIME_MS);
  return found !== undefined;
}
