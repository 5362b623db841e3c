/** What a path asks for by its form alone, whether or not there is such a resource. models k8s.io/apiserver/pkg/endpoints/request/requestinfo.go */
import type { Attributes } from '../resources/rbac/authorizer.ts';
import { isTrue } from './route.ts';

const VERBS: Record<string, string> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

export function requestInfo(method: string, pathname: string, query: URLSearchParams): Attributes {
  let parts = pathname.split('/').filter((part) => part !== '');
  const [root] = parts;
  const outside: Attributes = { verb: method.toLowerCase(), path: pathname };
  if (parts.length < 3 || (root !== 'api' && root !== 'apis')) return outside;
  if (root === 'apis' && parts.length < 4) return outside;
  const group = root === 'apis' ? parts[1]! : '';
  const version = parts[root === 'apis' ? 2 : 1]!;
  parts = parts.slice(root === 'apis' ? 3 : 2);
  let verb = VERBS[method] ?? '';
  if (parts[0] === 'watch' || parts[0] === 'proxy') {
    if (parts.length < 2) return outside;
    verb = parts[0];
    parts = parts.slice(1);
  }
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1]!;
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2]!)) parts = parts.slice(2);
  }
  const [resource = '', own = '', subresource = ''] = parts;
  if (own === '' && verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  if (own === '' && verb === 'delete') verb = 'deletecollection';
  const name = own || nameSelected(query, verb);
  return {
    verb,
    group,
    version,
    resource,
    ...(subresource && verb !== 'watch' ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}

/** Who selects a collection by a name asks for that object. */
export function nameSelected(query: URLSearchParams, verb: string): string {
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') return '';
  return /(?:^|,)metadata\.name==?([^,=!\\]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
}
