/** The rows of D1. Every answer that the directory gives leaves out clusters that have expired. */
import type { D1Database } from '@cloudflare/workers-types';
import { and, desc, eq, gt, lt, lte, or } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { ClusterSpec } from '../clusters/cluster-spec.ts';
import type { ClusterChange } from '../copies/cluster-state.ts';
import { clusters } from './directory-tables.ts';

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

/** Whether a token, by its hash, opens any cluster. */
export async function opensCluster(database: D1Database, now: number, tokenHash: string): Promise<boolean> {
  const found = await drizzle(database)
    .select({ id: clusters.id })
    .from(clusters)
    .where(and(gt(clusters.expiresAt, now), eq(clusters.tokenHash, tokenHash)))
    .limit(1);
  return found.length > 0;
}

export interface ListPage {
  limit: number;
  /** The last cluster of the page before. */
  after?: ListPosition | undefined;
}

export type ListPosition = Pick<ClusterRow, 'createdAt' | 'id'>;

/**
 * The newest first, those of one instant by their id; only those that this token opens, if one is given. A page begins after a
 * cluster and not at a number, so that clusters that are made or deleted meanwhile move nothing from one page to another.
 */
export async function listClusters(
  database: D1Database,
  now: number,
  { limit, after }: ListPage,
  tokenHash?: string,
): Promise<ClusterRow[]> {
  const { createdAt, id } = clusters;
  return drizzle(database)
    .select()
    .from(clusters)
    .where(
      and(
        gt(clusters.expiresAt, now),
        tokenHash === undefined ? undefined : eq(clusters.tokenHash, tokenHash),
        after && or(lt(createdAt, after.createdAt), and(eq(createdAt, after.createdAt), gt(id, after.id))),
      ),
    )
    .orderBy(desc(createdAt), id)
    .limit(limit);
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
