/** Who may see a cluster in the directory: whoever has its admin's token. */
import type { D1Database } from '@cloudflare/workers-types';
import { bearerToken, tokenHash } from '../../apiserver/identity/authentication.ts';
import { findIssued, type IssuedToken, isWhole, mayBeUsedBy } from '../../apiserver/identity/issued-token.ts';
import type { PlatformBindings } from '../bindings.ts';
import type { Spent } from '../copies/cluster-state.ts';
import { isOwnHost } from '../http/hosts.ts';
import { ProblemError, shortened, tooManyRequests } from '../http/problem.ts';
import { busySeconds, letAlone } from '../rates/busy-clusters.ts';
import { countAnonymous, countCreation, countRequest, type LimitBindings } from '../rates/rates.ts';
import { clusterOfToken, isClusterId } from '../tokens.ts';
import { type ClusterRow, findCluster, type ListPage, listClusters, opensCluster } from './directory.ts';

const unauthorized = (detail: string): ProblemError =>
  new ProblemError(401, detail, [], { 'www-authenticate': 'Bearer realm="diorama"' });

function presentedToken(request: Request): string | undefined {
  try {
    return bearerToken(request);
  } catch {
    throw unauthorized('The token cannot be read.');
  }
}

/** Whether the request has a token that is any living cluster's. */
export async function opensAny({ DB }: PlatformBindings, request: Request, now: number): Promise<boolean> {
  const token = presentedToken(request);
  return token !== undefined && (await opensCluster(DB, now, await tokenHash(token)));
}

/** Whether the request has the token of a living cluster. `database` is asked for only where there is a token. Throws 401 for a wrong one. */
export async function hasClusterToken(database: () => D1Database, request: Request, now: number): Promise<boolean> {
  const token = presentedToken(request);
  if (token === undefined) return false;
  if (await opensCluster(database(), now, await tokenHash(token))) return true;
  throw unauthorized('The token is wrong or has expired.');
}

/**
 * `power`: what the token must be good for: `view` is satisfied by every token of the cluster, `see` by one that sees all of it.
 * @throws ProblemError 429 for too many requests, 401 without a valid token, 403 with another cluster's or one that may not, 404 for
 * a cluster that does not exist.
 */
export async function openCluster(
  bindings: PlatformBindings,
  request: Request,
  id: string,
  now: number,
  power: Power = 'admin',
): Promise<{ cluster: ClusterRow; token: string }> {
  const token = presentedToken(request);
  if (token === undefined) throw unauthorized('Send the token of the cluster: authorization: Bearer TOKEN.');
  const hash = await tokenHash(token);
  const cluster = isClusterId(id) ? await findCluster(bindings.DB, id, now) : undefined;
  const issued =
    cluster && cluster.tokenHash !== hash ? await issuedToken(bindings, cluster.id, token, hash, now) : undefined;
  if (issued) refuseWithout(power, issued, request);
  if (cluster && (issued || cluster.tokenHash === hash)) {
    const retryAfter = countRequest(id, bindings, now);
    if (retryAfter > 0) throw tooManyRequests(retryAfter);
    return { cluster, token };
  }
  countStranger(bindings, request, now);
  if (!cluster) throw new ProblemError(404, `There is no cluster ${shortened(id)}.`);
  if (await opensCluster(bindings.DB, now, hash))
    throw new ProblemError(403, `This token is another cluster's, not that of ${id}.`);
  throw unauthorized('The token is wrong or has expired.');
}

export type Power = 'view' | 'see' | 'admin';

/** The token of less power, if this is one. A token that does not name the cluster is none of its, so that nobody's costs a look. */
async function issuedToken(
  { CLUSTER }: PlatformBindings,
  id: string,
  token: string,
  hash: string,
  now: number,
): Promise<IssuedToken | undefined> {
  if (clusterOfToken(token) !== id) return undefined;
  return findIssued(await CLUSTER.getByName(id).issuedTokens(), hash, now);
}

/** @throws ProblemError 403 */
function refuseWithout(power: Power, issued: IssuedToken, request: Request): void {
  if (!mayBeUsedBy(issued, request.headers))
    throw new ProblemError(403, 'This token may be used by pages of its own origins only.');
  if (power === 'view' || isWhole(issued) || (power === 'see' && !issued.namespaces)) return;
  const where = issued.namespaces ? ` in ${issued.namespaces.join(', ')}` : '';
  throw new ProblemError(403, `This token may not do that: it has the role ${issued.role}${where}.`);
}

/** For what makes a cluster's object work. @throws ProblemError 429 while that has done more than its budget */
export function refuseIfBusy(id: string, now: number): void {
  const retryAfter = busySeconds(id, now);
  if (retryAfter > 0) throw tooManyRequests(retryAfter);
}

/** What a cluster's object answers that works for it. @throws ProblemError 429 as `refuseIfBusy` */
export async function unlessBusy<T>(id: string, ask: () => Promise<Spent<T>>): Promise<Spent<T>> {
  refuseIfBusy(id, Date.now());
  const answer = await ask();
  letAlone(id, answer.busyMs, Date.now());
  return answer;
}

/** Counts a request whose token does not open what it asks for. @throws ProblemError 429 */
export function countStranger(bindings: LimitBindings, request: Request, now: number, cost = 1): void {
  const retryAfter = countAnonymous(request, bindings, now, cost);
  if (retryAfter > 0) throw tooManyRequests(retryAfter);
}

/** Counts a cluster that a request wants to make, for its address and for its token. @throws ProblemError 429 */
export async function countNewCluster(bindings: PlatformBindings, request: Request, now: number): Promise<void> {
  const token = presentedToken(request);
  const retryAfter = countCreation(request, bindings, now, token === undefined ? undefined : await tokenHash(token));
  if (retryAfter > 0) throw tooManyRequests(retryAfter);
}

/** Whether no page has sent the request, or one that this server has served. */
function isOwnPage(request: Request, bindings: PlatformBindings): boolean {
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  return URL.canParse(origin) && isOwnHost(new URL(origin).hostname, bindings);
}

/**
 * The clusters that a request may list: those of its token. Without one a local server tells them all, to whoever has asked it under
 * a name of its own: a page elsewhere that has let its name point here has another, and one that calls here has another origin.
 */
export async function visibleClusters(
  bindings: PlatformBindings,
  request: Request,
  now: number,
  page: ListPage,
): Promise<ClusterRow[]> {
  const token = presentedToken(request);
  if (token === undefined) {
    if (!bindings.LOCAL_HTTPS_ORIGIN) throw unauthorized('Send the token of a cluster: authorization: Bearer TOKEN.');
    if (!isOwnHost(new URL(request.url).hostname, bindings))
      throw unauthorized('Send the token of a cluster, or ask by a name of this machine, e.g. localhost.');
    if (!isOwnPage(request, bindings))
      throw unauthorized('Send the token of a cluster: this is told to no page elsewhere.');
    return listClusters(bindings.DB, now, page);
  }
  const hash = await tokenHash(token);
  const found = await listClusters(bindings.DB, now, page, hash);
  if (found.length > 0 || (page.after && (await opensCluster(bindings.DB, now, hash)))) return found;
  countStranger(bindings, request, now);
  throw unauthorized('The token is wrong or has expired.');
}
