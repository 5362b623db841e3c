/** What a mutating webhook may change of an object: what the client who writes it may. */
import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';
import { type FakeHooks, fakeHooks, patching } from './fake-hook.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const SERVICES = '/api/v1/namespaces/default/services';
const PODS = '/api/v1/namespaces/default/pods';
const UID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

async function withHook(resource: string, ...patches: object[]): Promise<{ sandbox: Sandbox; fake: FakeHooks }> {
  const fake = fakeHooks({ '/m': () => patching(...patches) });
  const sandbox = createSandbox(0, { callWebhook: fake.call });
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: [resource] }];
  const hook = {
    name: 'm.example.org',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { url: 'https://hooks.example.org/m' },
    rules,
  };
  const made = await sandbox.request('POST', HOOKS, { metadata: { name: 'm' }, webhooks: [hook] });
  expect(made.message).toBeUndefined();
  return { sandbox, fake };
}

const service = (metadata: object = {}, spec: object = {}) => ({
  metadata: { name: 's', ...metadata },
  spec: { ports: [{ port: 80 }], ...spec },
});
const add = (path: string, value: unknown) => ({ op: 'add', path, value });
const INGRESS = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };

it('sets no status, and nothing of the system’s', async () => {
  const { sandbox } = await withHook(
    'services',
    add('/status', INGRESS),
    add('/metadata/uid', 'mine'),
    add('/metadata/creationTimestamp', '2020-01-01T00:00:00Z'),
    add('/metadata/generation', 7),
    add('/metadata/deletionTimestamp', '2020-01-01T00:00:00Z'),
    { op: 'remove', path: '/metadata/namespace' },
  );
  const { metadata, status } = await sandbox.request('POST', SERVICES, service());
  expect([metadata.namespace, metadata.uid, status]).toEqual([
    'default',
    expect.stringMatching(UID),
    { loadBalancer: {} },
  ]);
  expect(metadata.creationTimestamp).not.toContain('2020');
  expect(metadata).not.toHaveProperty('deletionTimestamp');
});

it('takes nothing of the system’s away, and changes through a status nothing but that', async () => {
  const { sandbox, fake } = await withHook(
    'services/status',
    add('/spec/externalName', 'b.example.org'),
    add('/status', INGRESS),
    { op: 'remove', path: '/metadata/namespace' },
    { op: 'remove', path: '/metadata/uid' },
  );
  await sandbox.request('POST', SERVICES, service({}, { type: 'LoadBalancer' }));
  const through = await sandbox.request('PATCH', `${SERVICES}/s/status`, { metadata: { labels: { a: 'b' } } });
  expect(through.message).toBeUndefined();
  expect(fake.asked).toHaveLength(1);
  expect(through.spec.externalName).toBeUndefined();
  expect([through.metadata.namespace, through.metadata.uid]).toEqual(['default', expect.stringMatching(UID)]);
  expect(through.status).toMatchObject({ loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } });
});

it('sees no uid and no time that the client has brought', async () => {
  const { sandbox, fake } = await withHook('services');
  await sandbox.request('POST', SERVICES, service({ uid: 'mine', creationTimestamp: '2020-01-01T00:00:00Z' }));
  const { metadata } = fake.asked[0]!.request.object;
  expect([metadata.name, metadata.uid]).toEqual(['s', undefined]);
  expect(metadata.creationTimestamp ?? null).toBeNull();
});

it('names no owner twice', async () => {
  const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid });
  const { sandbox, fake } = await withHook('services', add('/metadata/ownerReferences/-', owner('1')));
  const sent = service({ ownerReferences: [owner('1'), owner('2'), owner('2')] });
  const answer = await sandbox.respond('POST', SERVICES, {}, sent);
  const { metadata } = (await answer.json()) as { metadata: { ownerReferences: unknown } };
  expect(fake.asked[0]!.request.object.metadata.ownerReferences).toEqual([owner('1'), owner('2')]);
  expect(metadata.ownerReferences).toEqual([owner('1'), owner('2')]);
  const warnings = answer.headers.get('warning') ?? '';
  expect(warnings).toMatch(/contains duplicate entries; API server .* observed: 2"/);
  expect(warnings).toMatch(/duplicate entries after mutating admission happens; API server .* observed: 1"/);
});

it('may have a pod bound to another node', async () => {
  const { sandbox } = await withHook('pods/binding', add('/target/name', 'n2'));
  const node = (name: string) => ({ metadata: { name, labels: { 'topology.kubernetes.io/zone': `zone-of-${name}` } } });
  for (const name of ['n1', 'n2']) await sandbox.request('POST', '/api/v1/nodes', node(name));
  const pod = { metadata: { name: 'p' }, spec: { schedulerName: 'none', containers: [{ name: 'c', image: 'i' }] } };
  expect((await sandbox.request('POST', PODS, pod)).message).toBeUndefined();
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
  expect((await sandbox.request('POST', `${PODS}/p/binding`, binding)).message).toBeUndefined();
  const bound = await sandbox.request('GET', `${PODS}/p`);
  expect(bound.spec.nodeName).toBe('n2');
  expect(bound.metadata.labels['topology.kubernetes.io/zone']).toBe('zone-of-n2');
});
