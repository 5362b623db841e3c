/** Admission policies as the cluster's own components meet them. */
import { expect, it } from 'vitest';
import type { Call } from '../apiserver/calls.ts';
import { mutating, POLICIES, rule, validating } from '../apiserver/policies.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const callOf =
  (sandbox: Sandbox): Call =>
  async (method, path, body) => {
    const response = await sandbox.respond(method, path, {}, body);
    return { status: response.status, body: await response.json(), headers: response.headers };
  };

const labels = { app: 'web' };
const deployment = {
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
};
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

it('holds controllers to a policy, by the service accounts that they have', async () => {
  const sandbox = createSandbox(1);
  const call = callOf(sandbox);
  await validating(call, 'no-pods', [rule('pods', ['CREATE'])], {
    expression: 'request.userInfo.username == "admin"',
    messageExpression: '"not by " + request.userInfo.username',
  });
  await call('POST', DEPLOYMENTS, deployment);
  sandbox.advance(5000);
  expect((await call('GET', '/api/v1/namespaces/default/pods')).body.items).toEqual([]);
  const words = 'not by system:serviceaccount:kube-system:replicaset-controller';
  const { items } = (await call('GET', '/apis/apps/v1/namespaces/default/replicasets')).body;
  const [condition] = items[0].status.conditions;
  expect([condition.type, condition.reason]).toEqual(['ReplicaFailure', 'FailedCreate']);
  expect(condition.message).toContain(
    `ValidatingAdmissionPolicy 'no-pods' with binding 'no-pods' denied request: ${words}`,
  );
  await call('DELETE', `${POLICIES}/validatingadmissionpolicies/no-pods`);
  sandbox.advance(120_000);
  expect((await call('GET', '/api/v1/namespaces/default/pods')).body.items).toHaveLength(2);
});

it('changes what controllers make, with parameters of the namespace', async () => {
  const sandbox = createSandbox(1);
  const call = callOf(sandbox);
  const params = { metadata: { name: 'team' }, data: { team: 'blue' } };
  await call('POST', '/api/v1/namespaces/default/configmaps', params);
  const expression = 'Object{metadata: Object.metadata{labels: {"team": params.data.team}}}';
  await mutating(call, 'team', [rule('pods', ['CREATE'])], expression, {
    spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    binding: { paramRef: { name: 'team', parameterNotFoundAction: 'Deny' } },
  });
  await call('POST', DEPLOYMENTS, deployment);
  sandbox.advance(10_000);
  const { items } = (await call('GET', '/api/v1/namespaces/default/pods')).body;
  expect(items.map((pod: any) => [pod.metadata.labels.team, pod.status.phase])).toEqual([
    ['blue', 'Running'],
    ['blue', 'Running'],
  ]);
  expect(sandbox.errors).toEqual([]);
});

it('asks policies about the scheduler’s bindings', async () => {
  const sandbox = createSandbox(1);
  const call = callOf(sandbox);
  await validating(call, 'bind', [rule('pods/binding', ['CREATE'])], {
    expression: 'object.target.name != "node-1"',
    messageExpression: '"not by " + request.userInfo.username',
  });
  await call('POST', DEPLOYMENTS, deployment);
  sandbox.advance(5000);
  const pods = async () => (await call('GET', '/api/v1/namespaces/default/pods')).body.items;
  expect((await pods()).map(({ spec }: any) => spec.nodeName)).toEqual([undefined, undefined]);
  expect(sandbox.errors.join('\n')).toContain('not by system:kube-scheduler');
  await call('DELETE', `${POLICIES}/validatingadmissionpolicies/bind`);
  sandbox.advance(120_000);
  expect((await pods()).map(({ spec }: any) => spec.nodeName)).toEqual(['node-1', 'node-1']);
});

it('knows a kubelet by its node', async () => {
  const sandbox = createSandbox(1);
  const call = callOf(sandbox);
  await mutating(
    call,
    'who',
    [rule('pods/status', ['UPDATE'])],
    '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"by": request.userInfo.username}}]',
  );
  await call('POST', DEPLOYMENTS, deployment);
  sandbox.advance(10_000);
  const { items } = (await call('GET', '/api/v1/namespaces/default/pods')).body;
  expect(items[0].metadata.annotations).toEqual({ by: 'system:node:node-1' });
});
