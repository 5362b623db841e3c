import { expect, it } from 'vitest';
import { requestInfo } from './request-info.ts';

const of = (method: string, path: string, query = '') => requestInfo(method, path, new URLSearchParams(query));

it('reads a path by its form', () => {
  expect(of('GET', '/api/v1/zz')).toMatchObject({ verb: 'list', group: '', resource: 'zz' });
  expect(of('GET', '/apis/a.b/v1/namespaces/n/foos/x/scale')).toEqual({
    verb: 'get',
    group: 'a.b',
    version: 'v1',
    resource: 'foos',
    subresource: 'scale',
    namespace: 'n',
    name: 'x',
  });
  expect(of('OPTIONS', '/api/v1/namespaces/n/pods/x')).toMatchObject({ verb: '', resource: 'pods', name: 'x' });
  expect(of('DELETE', '/api/v1/namespaces/n/pods')).toMatchObject({ verb: 'deletecollection' });
  expect(of('GET', '/apis/a.b/v1')).toEqual({ verb: 'get', path: '/apis/a.b/v1' });
});

it('takes the name that a selector says', () => {
  expect(of('GET', '/api/v1/pods', 'fieldSelector=metadata.name=x')).toMatchObject({ verb: 'list', name: 'x' });
  expect(of('GET', '/api/v1/pods', 'fieldSelector=metadata.name!=x')).not.toHaveProperty('name');
});
