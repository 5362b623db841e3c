/** `/`: every path that leads somewhere, in order. Source: k8s.io/apiserver/pkg/server/routes/index.go and each server's mux. */
import { storagePrefix } from '../../catalog/kinds.ts';
import { builtIn } from '../../resources/built-in.ts';
import { prefixRange } from '../pipeline.ts';
import type { Storage } from '../storage/storage.ts';
import { healthPaths } from './health.ts';

const PATHS = [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/version',
];

const API_SERVICES = storagePrefix(builtIn('apiservices.apiregistration.k8s.io'));

/** Undefined for any other path. */
export async function rootPaths(request: Request, url: URL, storage: Storage): Promise<Response | undefined> {
  if (url.pathname !== '/' && url.pathname !== '/index.html') return undefined;
  const paths = new Set([...PATHS, ...healthPaths()]);
  for (const { group, version } of storage.catalog.kinds) if (group) addGroup(paths, group, version);
  const { responses } = await storage.read([{ ...prefixRange(API_SERVICES), keysOnly: true }]);
  for (const { key } of responses[0]!.kvs) {
    const [version = '', ...group] = key.slice(API_SERVICES.length).split('.');
    if (group.join('.') !== '') addGroup(paths, group.join('.'), version);
  }
  const body = JSON.stringify({ paths: [...paths].sort() }, null, 2);
  return new Response(request.method === 'HEAD' ? null : body, { headers: { 'content-type': 'application/json' } });
}

function addGroup(paths: Set<string>, group: string, version: string): void {
  paths.add(`/apis/${group}`);
  paths.add(`/apis/${group}/${version}`);
}
