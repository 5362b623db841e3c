/**
 * Any page may call what is served here: who may is said by bearer tokens alone, and a browser adds none by itself. Rate limits stand
 * in front of it as they do for everybody. Source: https://fetch.spec.whatwg.org/#http-cors-protocol
 */

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** What a page may read of an answer beside what it always may. */
const EXPOSED = [
  'allow',
  'audit-id',
  'content-disposition',
  'date',
  'etag',
  'link',
  'location',
  'retry-after',
  'warning',
  'www-authenticate',
  'x-kubernetes-pf-flowschema-uid',
  'x-kubernetes-pf-prioritylevel-uid',
].join(', ');

/** What a page may send; a browser names what it wants to, and this is for those who only ask. */
const ACCEPTED = 'authorization, content-type, accept, if-none-match, x-cluster-token';

/** For how long a browser remembers what it was told: as long as any does, seconds. */
export const MAX_AGE_SECONDS = 7200;

export const isCrossOrigin = (request: Request): boolean => request.headers.has('origin');

/** What a browser asks before it lets a page ask; undefined if it is no such question. It costs nothing, and nothing is looked up for it. */
export function preflightAnswer(request: Request): Response | undefined {
  if (request.method !== 'OPTIONS' || !isCrossOrigin(request)) return undefined;
  const headers = new Headers({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? ACCEPTED,
    'access-control-max-age': String(MAX_AGE_SECONDS),
    vary: 'origin, access-control-request-headers, access-control-request-private-network',
  });
  // A page of the public web that calls a server on its reader's own machine.
  if (request.headers.get('access-control-request-private-network') === 'true')
    headers.set('access-control-allow-private-network', 'true');
  return new Response(null, { status: 204, headers });
}

/** What lets a page of another origin read an answer. */
export const SHARED: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED,
};
