/**
 * Kubernetes' and etcd's own paths at the root, for clients that know a server by its host and port alone or drop the path of its
 * address: the token says whose cluster is meant.
 */
import { bearerToken, unauthorized } from '../apiserver/identity/authentication.ts';
import { StatusError } from '../objects/status.ts';
import { clusterOfToken } from '../platform/tokens.ts';
import { ETCD_PATH } from './rpc.ts';

const KUBERNETES =
  /^\/(?:api|apis|version|healthz|livez|readyz|metrics|openapi|openid|logs|\.well-known\/openid-configuration)(?:\/|$)/;
const ETCD = /^\/v3\//;

const nameless = (): StatusError =>
  new StatusError(
    401,
    'Unauthorized',
    'Unauthorized: many clusters are served here, and the request has no token that names one; ask at /clusters/ID, or with a token of the cluster',
  );

/** Which cluster is asked, and for which of its paths; undefined for a path that is none of theirs. @throws StatusError 401 */
export function askedAtRoot(request: Request, pathname: string): { id: string; path: string } | undefined {
  const etcd = ETCD.test(pathname);
  if (!etcd && !KUBERNETES.test(pathname)) return undefined;
  const token = (etcd ? request.headers.get('x-cluster-token') : null) ?? bearerToken(request);
  if (token === undefined) throw nameless();
  const id = clusterOfToken(token);
  if (id === undefined) throw token.startsWith('diorama_') ? nameless() : unauthorized();
  return { id, path: etcd ? `${ETCD_PATH}${pathname}` : pathname };
}
