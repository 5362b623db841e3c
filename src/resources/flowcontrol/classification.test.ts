import { expect, it } from 'vitest';
import type { FlowSchema, PriorityLevelConfiguration } from '../../objects/generated/flowcontrol-v1.gen.ts';
import type { Attributes } from '../rbac/authorizer.ts';
import { flowOf, flowsOf } from './classification.ts';

const ALL = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
const EVERYBODY = [{ kind: 'Group', group: { name: '*' } }];

const schema = (name: string, precedence: number, rule: object, level = 'low'): FlowSchema =>
  ({
    metadata: { name, uid: `uid-${name}` },
    spec: {
      matchingPrecedence: precedence,
      priorityLevelConfiguration: { name: level },
      rules: [{ subjects: EVERYBODY, resourceRules: [ALL], ...rule }],
    },
  }) as unknown as FlowSchema;
const LEVELS = [{ metadata: { name: 'low', uid: 'uid-low' } }] as unknown as PriorityLevelConfiguration[];
const LAST = schema('catch-all', 1, { nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] });
const PODS: Attributes = { verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: 'ns' };
const WHO = { user: 'ann', groups: ['team'] };

const chosen = (schemas: FlowSchema[], asked: Attributes = PODS, who = WHO): string | undefined =>
  flowOf(flowsOf([LAST, ...schemas], LEVELS), who, asked)?.schema.slice('uid-'.length);

it('is the one of the lowest precedence, then of the first name; catch-all is the last', () => {
  expect(chosen([])).toBe('catch-all');
  expect(chosen([schema('b', 20, {}), schema('c', 10, {}), schema('a', 20, {})])).toBe('c');
  expect(chosen([schema('b', 20, {}), schema('a', 20, {})])).toBe('a');
});

it('is none whose level is missing', () => {
  expect(chosen([schema('a', 1, {}, 'gone')])).toBe('catch-all');
});

it.each([
  [{ kind: 'User', user: { name: 'ann' } }, 'ann', true],
  [{ kind: 'User', user: { name: '*' } }, 'bob', true],
  [{ kind: 'User', user: { name: 'ann' } }, 'bob', false],
  [{ kind: 'Group', group: { name: 'team' } }, 'ann', true],
  [{ kind: 'Group', group: { name: 'others' } }, 'ann', false],
  [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'ns', name: 'x' } }, 'system:serviceaccount:ns:x', true],
  [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'ns', name: '*' } }, 'system:serviceaccount:ns:x', true],
  [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'no', name: '*' } }, 'system:serviceaccount:ns:x', false],
])('is by who asks: %j, %s', (subject, user, matches) => {
  expect(chosen([schema('a', 10, { subjects: [subject] })], PODS, { ...WHO, user })).toBe(matches ? 'a' : 'catch-all');
});

it.each([
  [{}, {}, true],
  [{ verbs: ['get'] }, {}, false],
  [{ apiGroups: ['apps'] }, {}, false],
  [{ resources: ['pods'] }, {}, true],
  [{ resources: ['pods'] }, { subresource: 'log' }, false],
  [{ resources: ['pods/log'] }, { subresource: 'log' }, true],
  [{ namespaces: ['ns'] }, {}, true],
  [{ namespaces: ['other'] }, {}, false],
  [{ namespaces: ['ns'], clusterScope: false }, { namespace: undefined }, false],
  [{ namespaces: ['ns'], clusterScope: true }, { namespace: undefined }, true],
])('is by what is asked: %j, %j', (rule, asked, matches) => {
  const one = schema('a', 10, { resourceRules: [{ ...ALL, ...rule }] });
  expect(chosen([one], { ...PODS, ...asked } as Attributes)).toBe(matches ? 'a' : 'catch-all');
});

it('is by the path of what is no resource', () => {
  const one = schema('a', 10, { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez/*'] }] });
  const of = (path: string, verb = 'get') => chosen([one], { verb, path });
  expect(['/healthz', '/livez/ping', '/readyz'].map((path) => of(path))).toEqual(['a', 'a', 'catch-all']);
  expect(of('/healthz', 'post')).toBe('catch-all');
});
