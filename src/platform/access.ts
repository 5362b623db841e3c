/** Who may see a cluster in the directory: whoever has its admin's token. */
import type { D1Database } from '@cloudflare/workers-types';
import { bearerToken, tokenHash } from '../apiserver/authentication.ts';
import type { PlatformBindings } from './bindings.ts';
import { type ClusterRow, findCluster, listClusters } from './directory.ts';
import { ProblemError } from './problem.ts';

const unauthorized = (detail: string): ProblemError =>
  new ProblemError(401, detail, [], { 'www-authenticate': 'Bearer realm="diorama"' });

function presentedToken(request: Request): string | undefined {
  try {
    return bearerToken(request);
  } catch {
    throw unauthorized('The token cannot be read.');
  }
}

/** Whether the token with this hash is any living cluster's. */
async function tokenOpensCluster(database: D1Database, hash: string, now: number): Promise<boolean> {
  return (await listClusters(database, now, hash)).length > 0;
}

/** @throws ProblemError 401 without a valid token, 403 with another cluster's, 404 for a cluster that does not exist. */
export async function openCluster(
  bindings: PlatformBindings,
  request: Request,
  id: string,
  now: number,
): Promise<{ cluster: ClusterRow; token: string }> {
  const token = presentedToken(request);
  if (token === undefined) throw unauthorized('Send the token of the cluster: authorization: Bearer TOKEN.');
  const hash = await tokenHash(token);
  const cluster = await findCluster(bindings.DB, id, now);
  if (cluster?.tokenHash === hash) return { cluster, token };
  if (!cluster) throw new ProblemError(404, `There is no cluster ${id}.`);
  if (await tokenOpensCluster(bindings.DB, hash, now))
    throw new ProblemError(403, `This token is another cluster's, not that of ${id}.`);
  throw unauthorized('The token is wrong or has expired.');
}

/** The clusters that a request may list: those of its token; without one, a local server tells them all. */
export async function visibleClusters(
  bindings: PlatformBindings,
  request: Request,
  now: number,
): Promise<ClusterRow[]> {
  const token = presentedToken(request);
  if (token === undefined) {
    if (bindings.LOCAL_HTTPS_ORIGIN) return listClusters(bindings.DB, now);
    throw unauthorized('Send the token of a cluster: authorization: Bearer TOKEN.');
  }
  const found = await listClusters(bindings.DB, now, await tokenHash(token));
  if (found.length === 0) throw unauthorized('The token is wrong or has expired.');
  return found;
}
