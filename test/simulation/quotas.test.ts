/** Quotas hold for what clients make and for what controllers make, are charged with the write, and come right again by themselves. */
import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const NS = '/api/v1/namespaces/default';
const MINUTE = 60_000;

async function quota(
  sandbox: Sandbox,
  hard: Record<string, string>,
  spec: Record<string, unknown> = {},
): Promise<void> {
  await sandbox.request('POST', `${NS}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard, ...spec } });
  sandbox.advance(1000);
}

const used = async (sandbox: Sandbox): Promise<Record<string, string>> =>
  (await sandbox.request('GET', `${NS}/resourcequotas/q`)).status.used;

const pod = (name: string, resources?: unknown, spec: Record<string, unknown> = {}): unknown => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }], ...spec },
});

/** The message of a refusal, or that there was none. */
async function post(sandbox: Sandbox, path: string, body: unknown): Promise<string> {
  const answer = await sandbox.request('POST', path, body);
  return answer.kind === 'Status' ? `${answer.code} ${answer.message}` : 'made';
}

const exceeded = (kind: string, name: string, requested: string, has: string, limited: string): string =>
  `403 ${kind} "${name}" is forbidden: exceeded quota: q, requested: ${requested}, used: ${has}, limited: ${limited}`;

it('is charged at once, before its controller has run', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { pods: '2', 'count/pods': '5' });
  const answers: string[] = [];
  for (const name of ['a', 'b', 'c']) answers.push(await post(sandbox, `${NS}/pods`, pod(name)));
  expect(answers).toEqual(['made', 'made', exceeded('pods', 'c', 'pods=1', 'pods=2', 'pods=2')]);
  expect(await used(sandbox)).toEqual({ pods: '2', 'count/pods': '2' });
  const { metadata } = await sandbox.request('GET', `${NS}/resourcequotas/q`);
  expect(metadata.managedFields.filter((f: any) => f.subresource === 'status').map((f: any) => f.manager)).toEqual([
    'kube-controller-manager',
    'kube-apiserver',
  ]);
});

it('charges nothing for a dry run, and nothing for what is refused', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { 'count/configmaps': '2' });
  expect(await post(sandbox, `${NS}/configmaps?dryRun=All`, { metadata: { name: 'a' } })).toBe('made');
  expect(await post(sandbox, `${NS}/configmaps`, { metadata: { name: 'NO' } })).toMatch(/^422/);
  expect(await post(sandbox, `${NS}/configmaps`, { metadata: { name: 'kube-root-ca.crt' } })).toMatch(/^4/);
  expect(await used(sandbox)).toEqual({ 'count/configmaps': '1' });
});

it('frees what is deleted, and what is finished but for its count', async () => {
  const sandbox = createSandbox(1);
  await quota(sandbox, { pods: '3', 'count/pods': '3', 'requests.cpu': '1' });
  const cpu = { requests: { cpu: '300m' } };
  await post(sandbox, `${NS}/pods`, pod('ends', cpu, { restartPolicy: 'Never' }));
  await post(sandbox, `${NS}/pods`, pod('stays', cpu));
  sandbox.advance(1000);
  await sandbox.request('PATCH', `${NS}/pods/ends/status`, { status: { phase: 'Succeeded' } });
  sandbox.advance(1000);
  expect(await used(sandbox)).toEqual({ pods: '1', 'count/pods': '2', 'requests.cpu': '300m' });
  await sandbox.request('DELETE', `${NS}/pods/ends`);
  sandbox.advance(MINUTE);
  expect(await used(sandbox)).toEqual({ pods: '1', 'count/pods': '1', 'requests.cpu': '300m' });
});

it('measures compute of every kind, of containers, init containers, pods and overhead', async () => {
  const sandbox = createSandbox(0);
  const hard = {
    cpu: '2',
    'limits.memory': '1Gi',
    'requests.ephemeral-storage': '1Gi',
    'hugepages-2Mi': '8Mi',
    'requests.example.com/gpu': '2',
  };
  await quota(sandbox, hard);
  const resources = {
    requests: { cpu: '1', 'ephemeral-storage': '512Mi', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' },
    limits: { memory: '300Mi', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' },
  };
  const initial = { name: 'init', image: 'i', resources: { requests: { cpu: '1500m' }, limits: { memory: '400Mi' } } };
  expect(await post(sandbox, `${NS}/pods`, pod('a', resources, { initContainers: [initial] }))).toBe('made');
  expect(await used(sandbox)).toEqual({
    cpu: '1500m',
    'limits.memory': '400Mi',
    'requests.ephemeral-storage': '512Mi',
    'hugepages-2Mi': '4Mi',
    'requests.example.com/gpu': '1',
  });
  expect(await post(sandbox, `${NS}/pods`, pod('b', resources))).toBe(
    exceeded('pods', 'b', 'cpu=1', 'cpu=1500m', 'cpu=2'),
  );
  const bare = { requests: { cpu: '1m' } };
  expect(await post(sandbox, `${NS}/pods`, pod('c', bare, { initContainers: [{ name: 'x', image: 'i' }] }))).toBe(
    '403 pods "c" is forbidden: failed quota: q: must specify cpu for: x; limits.memory for: c,x',
  );
  const level = { requests: { cpu: '100m' }, limits: { memory: '10Mi' } };
  expect(await post(sandbox, `${NS}/pods`, pod('d', undefined, { resources: level }))).toBe('made');
  expect(await used(sandbox)).toMatchObject({ cpu: '1600m', 'limits.memory': '410Mi' });
});

it('measures ports of services, also when a service changes its type', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { services: '4', 'services.nodeports': '3', 'services.loadbalancers': '1' });
  const service = (name: string, type: string, ports: number, more = {}): unknown => ({
    metadata: { name },
    spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: 80 + i })), ...more },
  });
  expect(await post(sandbox, `${NS}/services`, service('a', 'NodePort', 2))).toBe('made');
  expect(await post(sandbox, `${NS}/services`, service('b', 'LoadBalancer', 2))).toBe(
    exceeded('services', 'b', 'services.nodeports=2', 'services.nodeports=2', 'services.nodeports=3'),
  );
  const unported = service('b', 'LoadBalancer', 2, { allocateLoadBalancerNodePorts: false });
  expect(await post(sandbox, `${NS}/services`, unported)).toBe('made');
  expect(await post(sandbox, `${NS}/services`, service('c', 'ClusterIP', 2))).toBe('made');
  const changed = await sandbox.request('PATCH', `${NS}/services/c`, { spec: { type: 'NodePort' } });
  expect(changed.message).toBe(
    'services "c" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=3',
  );
  await sandbox.request('PATCH', `${NS}/services/a`, { spec: { type: 'ClusterIP' } });
  sandbox.advance(1000);
  expect(await used(sandbox)).toMatchObject({ 'services.nodeports': '0' });
  await sandbox.request('PATCH', `${NS}/services/c`, { spec: { type: 'NodePort' } });
  expect(await used(sandbox)).toMatchObject({ 'services.nodeports': '2', 'services.loadbalancers': '1' });
});

it('measures storage, all of it and by class', async () => {
  const sandbox = createSandbox(0);
  const gold = 'gold.storageclass.storage.k8s.io/';
  await quota(sandbox, {
    'requests.storage': '10Gi',
    [`${gold}requests.storage`]: '3Gi',
    [`${gold}persistentvolumeclaims`]: '5',
  });
  const claim = (name: string, storage: string, storageClassName?: string): unknown => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName },
  });
  const claims = `${NS}/persistentvolumeclaims`;
  expect(await post(sandbox, claims, claim('a', '2Gi', 'gold'))).toBe('made');
  expect(await post(sandbox, claims, claim('b', '2Gi', 'gold'))).toBe(
    exceeded(
      'persistentvolumeclaims',
      'b',
      `${gold}requests.storage=2Gi`,
      `${gold}requests.storage=2Gi`,
      `${gold}requests.storage=3Gi`,
    ),
  );
  expect(await post(sandbox, claims, claim('c', '8Gi', 'iron'))).toBe('made');
  expect(await used(sandbox)).toEqual({
    'requests.storage': '10Gi',
    [`${gold}requests.storage`]: '2Gi',
    [`${gold}persistentvolumeclaims`]: '1',
  });
});

it('counts objects of any kind', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, {
    'count/leases.coordination.k8s.io': '1',
    'count/serviceaccounts': '2',
    'count/ingresses.networking.k8s.io': '0',
    'count/events': '0',
    secrets: '1',
  });
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  expect(await post(sandbox, leases, { metadata: { name: 'a' }, spec: {} })).toBe('made');
  expect(await post(sandbox, leases, { metadata: { name: 'b' }, spec: {} })).toBe(
    exceeded(
      'leases.coordination.k8s.io',
      'b',
      'count/leases.coordination.k8s.io=1',
      'count/leases.coordination.k8s.io=1',
      'count/leases.coordination.k8s.io=1',
    ),
  );
  expect(await post(sandbox, `${NS}/serviceaccounts`, { metadata: { name: 'a' } })).toBe('made');
  expect(await post(sandbox, `${NS}/serviceaccounts`, { metadata: { name: 'b' } })).toMatch(/^403/);
  expect(await post(sandbox, `${NS}/secrets`, { metadata: { name: 'a' } })).toBe('made');
  expect(await post(sandbox, `${NS}/secrets`, { metadata: { name: 'b' } })).toMatch(/secrets=1, limited: secrets=1$/);
  const event = { metadata: { name: 'e' }, involvedObject: { namespace: 'default' } };
  expect(await post(sandbox, `${NS}/events`, event)).toBe('made');
});

it.each([
  [{ scopes: ['Terminating'] }, { activeDeadlineSeconds: 5 }, {}],
  [{ scopes: ['NotTerminating'] }, {}, { activeDeadlineSeconds: 5 }],
  [{ scopes: ['BestEffort'] }, {}, { resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }],
  [{ scopes: ['NotBestEffort'] }, { resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }, {}],
  [
    {
      scopeSelector: {
        matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }],
      },
    },
    { priorityClassName: 'system-node-critical' },
    {},
  ],
  [
    { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } },
    {},
    { priorityClassName: 'system-node-critical' },
  ],
  [
    { scopes: ['CrossNamespacePodAffinity'] },
    {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: {}, namespaces: ['other'] },
          ],
        },
      },
    },
    {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: {} },
          ],
        },
      },
    },
  ],
])('means the pods of its scopes alone: %j', async (scope, inside, outside) => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { pods: '1' }, scope);
  expect(await post(sandbox, `${NS}/pods`, pod('out', undefined, outside))).toBe('made');
  expect(await used(sandbox)).toEqual({ pods: '0' });
  expect(await post(sandbox, `${NS}/pods`, pod('in', undefined, inside))).toBe('made');
  expect(await used(sandbox)).toEqual({ pods: '1' });
  expect(await post(sandbox, `${NS}/pods`, pod('more', undefined, inside))).toMatch(/^403/);
  sandbox.advance(6 * MINUTE);
});

it('is charged for a pod that comes into its scope', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { pods: '1' }, { scopes: ['Terminating'] });
  await post(sandbox, `${NS}/pods`, pod('a'));
  await post(sandbox, `${NS}/pods`, pod('b'));
  await sandbox.request('PATCH', `${NS}/pods/a`, { spec: { activeDeadlineSeconds: 1000 } });
  expect(await used(sandbox)).toEqual({ pods: '1' });
  expect((await sandbox.request('PATCH', `${NS}/pods/b`, { spec: { activeDeadlineSeconds: 1000 } })).message).toMatch(
    /exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1$/,
  );
});

it('counts in the resync what an update gave up, and leaves out a pod that has long had to end', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { 'services.nodeports': '5', pods: '5' });
  const ports = [80, 81, 82].map((port) => ({ name: `p${port}`, port }));
  await post(sandbox, `${NS}/services`, { metadata: { name: 'a' }, spec: { type: 'NodePort', ports } });
  await sandbox.request('PATCH', `${NS}/services/a`, { spec: { ports: ports.slice(0, 1) } });
  const held: any = pod('held', undefined, { nodeName: 'elsewhere' });
  held.metadata.finalizers = ['example.com/keep'];
  await post(sandbox, `${NS}/pods`, held);
  await sandbox.request('DELETE', `${NS}/pods/held?gracePeriodSeconds=30`);
  expect(await used(sandbox)).toEqual({ 'services.nodeports': '3', pods: '1' });
  sandbox.advance(6 * MINUTE);
  expect(await used(sandbox)).toEqual({ 'services.nodeports': '1', pods: '0' });
});

it('refuses while it is not known what is used', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { pods: '1' });
  await sandbox.request('PATCH', `${NS}/resourcequotas/q/status`, { status: { used: { pods: null } } });
  expect(await post(sandbox, `${NS}/pods`, pod('a'))).toBe(
    '403 pods "a" is forbidden: status unknown for quota: q, resources: pods',
  );
});

it('holds for what controllers make', async () => {
  const sandbox = createSandbox(1);
  await quota(sandbox, { pods: '3' });
  await sandbox.request('POST', '/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'web' },
    spec: {
      replicas: 6,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  sandbox.advance(10 * MINUTE);
  const { items } = await sandbox.request('GET', `${NS}/pods`);
  expect(items).toHaveLength(3);
  expect(await used(sandbox)).toEqual({ pods: '3' });
});

it('is put right within five minutes when its status was changed, or something came past the API server', async () => {
  const sandbox = createSandbox(0);
  await quota(sandbox, { pods: '5', 'count/configmaps': '9' });
  await post(sandbox, `${NS}/pods`, pod('a'));
  sandbox.advance(1000);
  await sandbox.request('PATCH', `${NS}/resourcequotas/q/status`, {
    status: { hard: { pods: '1' }, used: { pods: '4' } },
  });
  sandbox.advance(10_000);
  expect(await used(sandbox)).toEqual({ pods: '4', 'count/configmaps': '1' });
  sandbox.advance(5 * MINUTE);
  const { status } = await sandbox.request('GET', `${NS}/resourcequotas/q`);
  expect(status).toEqual({
    hard: { pods: '5', 'count/configmaps': '9' },
    used: { pods: '1', 'count/configmaps': '1' },
  });

  const value = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'raw', namespace: 'default' },
  });
  sandbox.cluster.store.put({ key: '/registry/configmaps/default/raw', value });
  sandbox.advance(5 * MINUTE);
  expect(await used(sandbox)).toMatchObject({ 'count/configmaps': '2' });
  // Nothing is left that would wake an idle cluster.
  sandbox.advance(10 * MINUTE);
  const revision = sandbox.cluster.store.revision;
  sandbox.advance(30 * MINUTE);
  expect(sandbox.cluster.store.revision).toBe(revision);
});
