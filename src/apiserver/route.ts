/** From a path and a method to what is asked of which resource. Source: k8s.io/apiserver/pkg/endpoints (installer.go, request/requestinfo.go). */
import type { Catalog } from '../catalog/catalog.ts';
import type { Kind } from '../catalog/kinds.ts';
import { notFound, StatusError } from '../objects/status.ts';

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  /** Of OPTIONS, which a proxy passes on: only who may do everything may do that. */
  | '';

export interface ResourceRequest {
  kind: Kind;
  verb: Verb;
  namespace?: string;
  name?: string;
  subresource?: string;
}

/** A resource, or a path that is none: discovery, health, version… `page` is a 404 in plain text. */
export type Route = { resource: ResourceRequest } | { path: string } | { page: 'not-found' };

const NO_RESOURCE = 'the server could not find the requested resource';

export const resourceNotFound = (): StatusError => new StatusError(404, 'NotFound', NO_RESOURCE, {});

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

const NO_PAGE: Route = { page: 'not-found' };

/** Where only definitions bring kinds, what they do not bring is no page. Throws `StatusError`. */
function nothing({ base }: Catalog, group: string, version?: string): Route {
  if (base && !base.has(group, version)) return NO_PAGE;
  throw resourceNotFound();
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

interface Routed {
  catalog: Catalog;
  method: string;
  pathname: string;
  route: Route;
}

/** By the query, which is one request's. */
const routed = new WeakMap<URLSearchParams, Routed>();

/**
 * `pathname` is still percent-encoded. It is asked for each request by who lets it in and by who serves it, and found once.
 * Throws `StatusError` for what is below a known root but does not exist.
 */
export function route(catalog: Catalog, method: string, pathname: string, query: URLSearchParams): Route {
  const known = routed.get(query);
  if (known?.catalog === catalog && known.method === method && known.pathname === pathname) return known.route;
  const found = find(catalog, method, pathname, query);
  routed.set(query, { catalog, method, pathname, route: found });
  return found;
}

function find(catalog: Catalog, method: string, pathname: string, query: URLSearchParams): Route {
  const parts = pathname.split('/').slice(1).map(decodePart);
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const root = parts[0];
  if (root === 'api') {
    if (parts.length === 1) return { path: '/api' };
    if (parts[1] !== 'v1') throw resourceNotFound();
    return below(catalog, ['', 'v1'], { method, parts: parts.slice(2), query, pathname });
  }
  if (root === 'apis') {
    if (parts.length === 1) return { path: '/apis' };
    const group = parts[1]!;
    if (group === '' || !catalog.has(group)) return NO_PAGE;
    if (parts.length === 2) return { path: `/apis/${group}` };
    const version = parts[2]!;
    if (!catalog.has(group, version)) return nothing(catalog, group);
    return below(catalog, [group, version], { method, parts: parts.slice(3), query, pathname });
  }
  return { path: pathname };
}

/** A request below a group's version; `parts` are what comes after that. */
interface Asked {
  method: string;
  parts: string[];
  query: URLSearchParams;
  pathname: string;
}

function below(
  catalog: Catalog,
  [group, version]: [group: string, version: string],
  { method, parts, query, pathname }: Asked,
): Route {
  if (parts.length === 0) return { path: pathname.replace(/\/$/, '') };
  let rest = parts;
  let legacyWatch = false;
  if (rest[0] === 'watch' && rest.length > 1) {
    legacyWatch = true;
    rest = rest.slice(1);
  }
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) {
    namespace = rest[1]!;
    rest = rest.slice(2);
  }
  const [resource, name, subresource, ...deeper] = rest;
  const kind = catalog.resource(group, version, resource!);
  if (!kind) return nothing(catalog, group, version);
  const isOutOfScope = kind.namespaced ? namespace === undefined && name !== undefined : namespace !== undefined;
  if (isOutOfScope && kind.custom) return NO_PAGE;
  if (isOutOfScope || name === '') throw resourceNotFound();
  const base = { kind, ...(namespace === undefined ? {} : { namespace }) };
  if (legacyWatch) {
    if (method !== 'GET') throw methodNotAllowed();
    return { resource: { ...base, verb: 'watch', ...(name === undefined ? {} : { name }) } };
  }
  if (subresource !== undefined) {
    const known = kind.subresources.find((s) => s.name === subresource || s.name === `${subresource}/*`);
    if (!known && kind.custom && deeper.length === 0) throw notFound(kind, name!);
    if (!known || (deeper.length > 0 && subresource !== 'proxy')) throw resourceNotFound();
    const verb = subresourceVerb(method, known);
    if (verb === undefined) throw methodNotAllowed();
    return { resource: { ...base, verb, name: name!, subresource } };
  }
  if (name !== undefined) {
    const verb = itemVerb(method, kind.verbs);
    if (!verb) throw methodNotAllowed();
    return { resource: { ...base, verb, name } };
  }
  // What can only be made in a namespace has no path above them.
  if (kind.namespaced && namespace === undefined && !kind.verbs.includes('list')) throw resourceNotFound();
  const verb = collectionVerb(method, kind, namespace, query);
  if (!verb) throw methodNotAllowed();
  return { resource: { ...base, verb } };
}

function itemVerb(method: string, verbs: string[]): Verb | undefined {
  const verb = ({ GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const)[method];
  return verb && verbs.includes(verb) ? verb : undefined;
}

function subresourceVerb(method: string, { name, verbs }: Kind['subresources'][number]): Verb | undefined {
  if (name === 'proxy' && (method === 'HEAD' || method === 'OPTIONS')) return method === 'HEAD' ? 'get' : '';
  return itemVerb(method, verbs) ?? (method === 'POST' && verbs.includes('create') ? 'create' : undefined);
}

function collectionVerb(
  method: string,
  kind: Kind,
  namespace: string | undefined,
  query: URLSearchParams,
): Verb | undefined {
  const everywhere = kind.namespaced && namespace === undefined;
  if (method === 'GET') {
    const watch = isTrue(query.get('watch')) && kind.verbs.includes('watch');
    return watch ? 'watch' : kind.verbs.includes('list') ? 'list' : undefined;
  }
  if (everywhere) return undefined;
  if (method === 'POST' && kind.verbs.includes('create')) return 'create';
  if (method === 'DELETE' && kind.verbs.includes('deletecollection')) return 'deletecollection';
  return undefined;
}

/** As query parameters read truth: present and neither `false` nor `0`. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value.toLowerCase() !== 'false' && value !== '0';

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
