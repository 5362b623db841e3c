import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { StatusError } from '../objects/status.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { route } from './route.ts';

const find = (method: string, path: string, query = ''): LooseObject => {
  const found = route(BUILT_IN, method, path, new URLSearchParams(query));
  if (!('resource' in found)) return found;
  const { kind, ...rest } = found.resource;
  return { kind: kind.kind, ...rest };
};

const refusal = (method: string, path: string): number | undefined => {
  try {
    find(method, path);
  } catch (error) {
    if (error instanceof StatusError) return error.status.code;
  }
  return undefined;
};

describe('route', () => {
  it('tells objects, collections and subresources apart', () => {
    expect(find('GET', '/api/v1/namespaces/a/pods/p')).toEqual({ kind: 'Pod', verb: 'get', namespace: 'a', name: 'p' });
    expect(find('GET', '/api/v1/pods')).toEqual({ kind: 'Pod', verb: 'list' });
    expect(find('POST', '/apis/apps/v1/namespaces/a/deployments')).toMatchObject({
      kind: 'Deployment',
      verb: 'create',
    });
    expect(find('PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale')).toMatchObject({
      verb: 'patch',
      subresource: 'scale',
      name: 'd',
    });
    expect(find('DELETE', '/api/v1/namespaces/a/configmaps')).toMatchObject({ verb: 'deletecollection' });
  });

  it('reads namespaces both as objects and as what is around others', () => {
    expect(find('GET', '/api/v1/namespaces/a')).toEqual({ kind: 'Namespace', verb: 'get', name: 'a' });
    expect(find('PUT', '/api/v1/namespaces/a/finalize')).toMatchObject({ kind: 'Namespace', subresource: 'finalize' });
    expect(find('GET', '/api/v1/namespaces/a/status')).toMatchObject({ kind: 'Namespace', subresource: 'status' });
  });

  it('has a proxy asked by any method, of which OPTIONS is no verb', () => {
    expect(find('OPTIONS', '/api/v1/namespaces/a/pods/p/proxy/x')).toMatchObject({ verb: '', subresource: 'proxy' });
    expect(find('HEAD', '/api/v1/nodes/n/proxy')).toMatchObject({ verb: 'get' });
    expect(refusal('HEAD', '/api/v1/namespaces/a/pods/p/log')).toBe(405);
    expect(find('POST', '/api/v1/namespaces/a/services/s/proxy')).toMatchObject({ verb: 'create' });
    expect(refusal('OPTIONS', '/api/v1/namespaces/a/pods/p/log')).toBe(405);
    expect(refusal('OPTIONS', '/api/v1/namespaces/a/pods/p')).toBe(405);
  });

  it('knows both ways to ask for a watch', () => {
    expect(find('GET', '/api/v1/pods', 'watch=1')).toEqual({ kind: 'Pod', verb: 'watch' });
    expect(find('GET', '/api/v1/pods', 'watch=false')).toEqual({ kind: 'Pod', verb: 'list' });
    expect(find('GET', '/api/v1/watch/namespaces/a/pods/p')).toMatchObject({ verb: 'watch', name: 'p' });
  });

  it('decodes names', () => {
    expect(find('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode').name).toBe('system:node');
  });

  it('refuses what is not there and what may not be done', () => {
    expect(refusal('GET', '/api/v2')).toBe(404);
    expect(refusal('GET', '/api/v1/namespaces/a/zzz')).toBe(404);
    expect(refusal('GET', '/api/v1/pods/p')).toBe(404);
    expect(refusal('GET', '/api/v1/namespaces/a/nodes')).toBe(404);
    expect(refusal('PUT', '/api/v1/namespaces/a/pods')).toBe(405);
    expect(refusal('POST', '/api/v1/pods')).toBe(405);
    expect(refusal('OPTIONS', '/api/v1/pods')).toBe(405);
    expect(find('GET', '/apis/example.com/v1')).toEqual({ page: 'not-found' });
  });
});
