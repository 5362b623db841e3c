/** The rows of D1. Every answer that the directory gives leaves out clusters that have expired. */
import type { D1Database } from '@cloudflare/workers-types';
import { and, desc, eq, gt, lte } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { ClusterSpec } from './cluster-spec.ts';
import type { ClusterChange } from './cluster-state.ts';
import { MAX_LISTED_CLUSTERS } from './limits.ts';
import { clusters } from './schema.ts';

export type ClusterRow = typeof clusters.$inferSelect;

/** Registers a cluster and forgets those that expired before it. */
export async function addCluster(database: D1Database, spec: ClusterSpec, request: unknown): Promise<void> {
  const db = drizzle(database);
  await db.batch([
    db.insert(clusters).values({
      id: spec.id,
      name: spec.name,
      createdAt: spec.createdAt,
      expiresAt: spec.expiresAt,
      tokenHash: spec.adminTokenHashes[0]!,
      spec: request,
    }),
    db.delete(clusters).where(lte(clusters.expiresAt, spec.createdAt)),
  ]);
}

export async function findCluster(database: D1Database, id: string, now: number): Promise<ClusterRow | undefined> {
  return drizzle(database)
    .select()
    .from(clusters)
    .where(and(eq(clusters.id, id), gt(clusters.expiresAt, now)))
    .get();
}

/** The newest first; only those that this token opens, if one is given. */
export async function listClusters(database: D1Database, now: number, tokenHash?: string): Promise<ClusterRow[]> {
  return drizzle(database)
    .select()
    .from(clusters)
    .where(and(gt(clusters.expiresAt, now), tokenHash === undefined ? undefined : eq(clusters.tokenHash, tokenHash)))
    .orderBy(desc(clusters.createdAt), clusters.id)
    .limit(MAX_LISTED_CLUSTERS);
}

/** Forgets a cluster if it was made by then, milliseconds since 1970: a younger one may only not be there yet. */
export async function removeIfMadeBy(database: D1Database, id: string, time: number): Promise<void> {
  await drizzle(database)
    .delete(clusters)
    .where(and(eq(clusters.id, id), lte(clusters.createdAt, time)));
}

export async function changeCluster(database: D1Database, id: string, change: ClusterChange): Promise<void> {
  await drizzle(database).update(clusters).set(change).where(eq(clusters.id, id));
}

export async function removeCluster(database: D1Database, id: string): Promise<void> {
  await drizzle(database).delete(clusters).where(eq(clusters.id, id));
}
