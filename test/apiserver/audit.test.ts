/** What an audit log is told of requests: by an API server that is given one. */
import { expect, it } from 'vitest';
import { auditEvent, MAX_AUDIT_EVENT_CHARACTERS } from '../../src/apiserver/audit/audit-event.ts';
import { MAX_AUDIT_ID } from '../../src/apiserver/audit/audited.ts';
import { MAX_AUDIT_VALUE, MAX_AUDITED_FAILURES } from '../../src/apiserver/dynamic-admission/policies/policy-audit.ts';
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { createSimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { MADE, SPEC, START } from '../load/large-cluster.ts';
import type { LooseObject } from '../loose-object.ts';

const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const MAPS = '/api/v1/namespaces/default/configmaps';
const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';

function opened() {
  const cluster = createSimulatedCluster({ sql: nodeSql(), spec: { ...SPEC, nodes: [] }, rootCA: 'PEM' });
  cluster.initialize(START);
  const events: LooseObject[] = [];
  const { policy, admission } = cluster;
  const server = createApiServer({
    storage: storeStorage(cluster.store, { now: () => MADE, catalog: () => cluster.catalog, policy, admission }),
    config: SPEC,
    now: () => MADE,
    timers: { after: () => () => undefined, time: () => 0 },
    audit: async (event) => void events.push(JSON.parse(event)),
    callWebhook: async ({ body }) => {
      const { request, ...type } = JSON.parse(body);
      const response = { uid: request.uid, allowed: true, auditAnnotations: { seen: 'by a webhook' } };
      return { status: 200, contentType: 'application/json', body: JSON.stringify({ ...type, response }) };
    },
  });
  const ask = async (method: string, path: string, body?: object, headers: object = {}) => {
    const init = { method, headers: { 'content-type': 'application/json', ...headers } };
    const request = new Request(`http://cluster${path}`, { ...init, ...(body ? { body: JSON.stringify(body) } : {}) });
    const answer = await server.handle(request, ADMIN);
    return { event: events.at(-1)!, answer, body: await answer.text() };
  };
  return { events, ask };
}

const policyOf = (name: string, spec: object) => ({
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
    ...spec,
  },
});

const bindingOf = (name: string, policyName: string, validationActions: string[]) => ({
  metadata: { name },
  spec: { policyName, validationActions },
});

it('tells who asked for what, and how it was answered', async () => {
  const { ask, events } = opened();
  const made = await ask(
    'POST',
    `${MAPS}?fieldManager=me`,
    { metadata: { name: 'a' } },
    { 'user-agent': 'kubectl/v1.37' },
  );
  const at = '2026-01-05T10:02:00.000000Z';
  expect(made.event).toEqual({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: made.answer.headers.get('audit-id'),
    stage: 'ResponseComplete',
    requestURI: `${MAPS}?fieldManager=me`,
    verb: 'create',
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
    user: { username: 'admin', groups: ADMIN.groups },
    userAgent: 'kubectl/v1.37',
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
  });
  expect(JSON.parse(made.body).metadata.name).toBe('a');
  expect((await ask('GET', '/apis/apps/v1/namespaces/x/deployments/y/scale')).event).toMatchObject({
    verb: 'get',
    objectRef: { resource: 'deployments', subresource: 'scale', name: 'y', apiGroup: 'apps' },
    responseStatus: { code: 404, status: 'Failure', reason: 'NotFound', message: 'deployments.apps "y" not found' },
  });
  const version = await ask('GET', '/version');
  expect([version.event.verb, version.event.objectRef]).toEqual(['get', undefined]);
  expect(events).toHaveLength(3);
});

it('takes an id that a client brings, as long as it may be', async () => {
  const { ask } = opened();
  const id = 'x'.repeat(MAX_AUDIT_ID);
  for (const brought of [id, `${id}y`])
    expect((await ask('GET', '/version', undefined, { 'audit-id': brought })).event.auditID).toBe(id);
});

it('has what policies and webhooks say of a request', async () => {
  const { ask } = opened();
  const annotations = [
    { key: 'name', valueExpression: "'named ' + object.metadata.name" },
    { key: 'nothing', valueExpression: 'null' },
  ];
  const validations = [{ expression: 'true' }, { expression: "object.metadata.name != 'bad'", message: 'a bad name' }];
  await ask('POST', POLICIES, policyOf('p', { validations, auditAnnotations: annotations }));
  for (const name of ['one', 'two']) await ask('POST', BINDINGS, bindingOf(name, 'p', ['Audit']));
  await ask('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'h' },
    webhooks: [
      {
        name: 'h.example.org',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: { url: 'https://hooks.example.org/' },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
    ],
  });
  const good = await ask('POST', MAPS, { metadata: { name: 'good' } });
  expect(good.event.annotations).toEqual({ 'p/name': 'named good', 'h.example.org/seen': 'by a webhook' });
  const bad = await ask('POST', MAPS, { metadata: { name: 'bad' } });
  expect(bad.answer.status).toBe(201);
  const failure = (binding: string) => ({
    message: 'a bad name',
    policy: 'p',
    binding,
    expressionIndex: 1,
    validationActions: ['Audit'],
  });
  expect(JSON.parse(bad.event.annotations[FAILURES])).toEqual([failure('one'), failure('two')]);
  expect((await ask('GET', MAPS)).event.annotations).toBeUndefined();
});

it('has values as long as they may be, and as many failures', async () => {
  const { ask } = opened();
  const auditAnnotations = [{ key: 'long', valueExpression: 'string(object.data.text)' }];
  await ask('POST', POLICIES, policyOf('long', { auditAnnotations }));
  await ask('POST', BINDINGS, bindingOf('long', 'long', ['Audit']));
  const made = async (characters: number, name: string) => {
    const { event } = await ask('POST', MAPS, { metadata: { name }, data: { text: 'x'.repeat(characters) } });
    return event.annotations['long/long'].length;
  };
  expect([await made(MAX_AUDIT_VALUE, 'a'), await made(MAX_AUDIT_VALUE + 1, 'b')]).toEqual([
    MAX_AUDIT_VALUE,
    MAX_AUDIT_VALUE,
  ]);
  const validations = Array.from({ length: MAX_AUDITED_FAILURES }, () => ({ expression: 'false' }));
  await ask('POST', POLICIES, policyOf('many', { validations }));
  const failures = async (name: string): Promise<number> => {
    await ask('POST', BINDINGS, bindingOf(name, 'many', ['Audit']));
    const { event } = await ask('POST', MAPS, { metadata: { name }, data: { text: '' } });
    return JSON.parse(event.annotations[FAILURES]).length;
  };
  expect([await failures('c'), await failures('d')]).toEqual([MAX_AUDITED_FAILURES, MAX_AUDITED_FAILURES]);
});

it('cuts an event that is too long', async () => {
  const eventOf = (characters: number): Promise<string> => {
    const url = new URL('http://cluster/version');
    return auditEvent('id', {
      request: new Request(url),
      url,
      identity: ADMIN,
      route: { path: '/version' },
      name: undefined,
      annotations: new Map([['a', 'x'.repeat(characters)]]),
      response: new Response(),
      receivedAt: 0,
      answeredAt: 0,
    });
  };
  const rest = (await eventOf(0)).length;
  expect(await eventOf(MAX_AUDIT_EVENT_CHARACTERS - rest)).toHaveLength(MAX_AUDIT_EVENT_CHARACTERS);
  expect(JSON.parse(await eventOf(MAX_AUDIT_EVENT_CHARACTERS - rest + 1)).annotations).toBeUndefined();
});
