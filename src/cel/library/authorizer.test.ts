import { expect, it } from 'vitest';
import { compile, evaluate, kubernetesEnvironment } from '../cel.ts';
import { struct } from '../type.ts';
import type { Value } from '../value.ts';
import {
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  authorizerValue,
  requestResourceValue,
} from './authorizer.ts';

function ask(expression: string, answer: AuthorizationAnswer = { allowed: true, reason: 'so' }) {
  const asked: AuthorizationQuestion[] = [];
  const authorize = (question: AuthorizationQuestion): AuthorizationAnswer => {
    asked.push(question);
    return answer;
  };
  const variables = new Map([
    ['authorizer', struct('kubernetes.authorization.Authorizer')],
    ['authorizer.requestResource', struct('kubernetes.authorization.ResourceCheck')],
  ]);
  const { program, errors } = compile(expression, kubernetesEnvironment({ variables }));
  expect(errors).toBeUndefined();
  const values = new Map<string, Value>([
    ['authorizer', authorizerValue(authorize)],
    [
      'authorizer.requestResource',
      requestResourceValue(authorize, { group: 'apps', resource: 'deployments', name: 'n' }),
    ],
  ]);
  return { ...evaluate(program!, values), asked };
}

it.each([
  ["authorizer.path('/healthz').check('get').allowed()", { path: '/healthz', verb: 'get' }],
  [
    "authorizer.group('').resource('pods').subresource('log').namespace('ns').name('p').check('get').allowed()",
    { group: '', resource: 'pods', subresource: 'log', namespace: 'ns', name: 'p', verb: 'get' },
  ],
  [
    "authorizer.serviceAccount('ns', 'sa').group('').resource('pods').labelSelector('a=b').fieldSelector('c=d').check('list').allowed()",
    {
      serviceAccount: { namespace: 'ns', name: 'sa' },
      group: '',
      resource: 'pods',
      labelSelector: 'a=b',
      fieldSelector: 'c=d',
      verb: 'list',
    },
  ],
  [
    "authorizer.requestResource.check('delete').allowed()",
    { group: 'apps', resource: 'deployments', name: 'n', verb: 'delete' },
  ],
])('%s', (expression, question) => {
  const { value, asked } = ask(expression);
  expect(value).toBe(true);
  expect(asked).toEqual([question]);
});

it('counts a question as much as 350,000 steps', () => {
  expect(ask("authorizer.path('/').check('get').allowed()").cost).toBe(350_003);
});

it('tells why there is no answer', () => {
  const { value } = ask(
    "authorizer.path('/').check('get').errored() ? authorizer.path('/').check('get').error() : ''",
    {
      allowed: false,
      reason: '',
      error: 'nobody is there',
    },
  );
  expect(value).toBe('nobody is there');
});

it('asks nothing without a path, a resource or a name', () => {
  expect(ask("authorizer.path(' ').check('get').allowed()").error).toBe('path must not be empty');
  expect(ask("authorizer.group('').resource('').check('get').allowed()").error).toBe('resource must not be empty');
  expect(ask("authorizer.serviceAccount('n', 'A').path('/x').check('get').allowed()").error).toBe(
    'Invalid service account name',
  );
});
