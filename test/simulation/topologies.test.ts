/** Clusters as kubeadm makes them, running. */
import { expect, it } from 'vitest';
import type { Topology } from '../../src/kubeadm/topology.ts';
import type { LooseObject } from '../loose-object.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const PODS = '/api/v1/namespaces/kube-system/pods';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

const several: Omit<Topology, 'kind'> = { controlPlanes: 3, etcdMembers: 3, loadBalancer: true };
const TOPOLOGIES: Topology[] = [
  { kind: 'single', controlPlanes: 1, etcdMembers: 1, loadBalancer: false },
  { kind: 'stacked', ...several },
  { kind: 'external', ...several },
];

async function podNames(sandbox: Sandbox): Promise<string[]> {
  const { items } = await sandbox.request('GET', PODS);
  return items.map(({ metadata }: LooseObject) => metadata.name);
}

const controlPlanePods = (names: readonly string[], nodes: readonly string[]): string[] =>
  names.flatMap((name) => nodes.map((node) => `${name}-${node}`));

it.each(TOPOLOGIES)('is up from the beginning where it is $kind', async (topology) => {
  const sandbox = createSandbox(2, { topology });
  const { items } = await sandbox.request('GET', PODS);
  const nodes = Array.from({ length: topology.controlPlanes }, (_, i) => `cp-${i + 1}`);
  const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const names = controlPlanePods(topology.kind === 'external' ? parts : ['etcd', ...parts], nodes);
  expect(items.map(({ metadata }: LooseObject) => metadata.name)).toEqual(expect.arrayContaining(names));
  expect(items.filter(({ metadata }: LooseObject) => metadata.name.startsWith('etcd-'))).toHaveLength(
    topology.kind === 'external' ? 0 : topology.controlPlanes,
  );
  // A kube-proxy for each node, and two of CoreDNS.
  expect(items).toHaveLength(names.length + nodes.length + 2 + 2);
  for (const { status } of items) {
    expect(status.phase).toBe('Running');
    expect(status.conditions.find(({ type }: LooseObject) => type === 'Ready').status).toBe('True');
  }
  expect(sandbox.errors).toEqual([]);
  sandbox.advance(5 * 60_000);
  // Then nothing is to be done until what was told of it is forgotten, an hour after.
  expect(sandbox.cluster.nextDue(Date.parse('2026-01-05T10:05:00Z'))).toBeGreaterThan(
    Date.parse('2026-01-05T10:59:00Z'),
  );
});

it('has control planes on which no other pods come', async () => {
  const sandbox = createSandbox(1, { topology: TOPOLOGIES[1]! });
  const { items } = await sandbox.request('GET', '/api/v1/nodes');
  const [cp, , , node] = items;
  expect(cp.metadata.labels).toMatchObject({
    'node-role.kubernetes.io/control-plane': '',
    'node.kubernetes.io/exclude-from-external-load-balancers': '',
  });
  expect(cp.spec.taints).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
  expect(cp.status.addresses[0].address).toBe('172.18.0.2');
  expect([node.metadata.name, node.spec.taints]).toEqual(['node-1', undefined]);
});

it('has mirror pods of its nodes, which come back', async () => {
  const sandbox = createSandbox(1, { topology: TOPOLOGIES[1]! });
  const path = `${PODS}/kube-scheduler-cp-2`;
  const { metadata, spec } = await sandbox.request('GET', path);
  expect(metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'cp-2', controller: true }]);
  expect(metadata.annotations['kubernetes.io/config.source']).toBe('file');
  expect(metadata.annotations['kubernetes.io/config.mirror']).toMatch(/^[0-9a-f]{32}$/);
  expect(spec).toMatchObject({
    nodeName: 'cp-2',
    hostNetwork: true,
    priority: 2_000_001_000,
    tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
  });
  // As `kubectl describe` asks for them.
  const about = `involvedObject.name=kube-scheduler-cp-2,involvedObject.uid=${metadata.annotations['kubernetes.io/config.mirror']}`;
  const events = await sandbox.request('GET', `/api/v1/namespaces/kube-system/events?fieldSelector=${about}`);
  expect(events.items.map(({ reason }: LooseObject) => reason).sort()).toEqual([
    'Created',
    'Pulled',
    'Pulling',
    'Started',
  ]);
  await sandbox.request('DELETE', path, { gracePeriodSeconds: 0 });
  expect(await podNames(sandbox)).not.toContain('kube-scheduler-cp-2');
  sandbox.advance(60_000);
  const again = await sandbox.request('GET', path);
  expect(again.status.phase).toBe('Running');
  expect(again.metadata.uid).not.toBe(metadata.uid);
});

it('has one scheduler and one controller manager at work', async () => {
  const sandbox = createSandbox(1, { topology: TOPOLOGIES[1]! });
  for (const component of ['kube-scheduler', 'kube-controller-manager']) {
    const { spec } = await sandbox.request('GET', `${LEASES}/${component}`);
    expect(spec.holderIdentity).toMatch(/^cp-[123]_[0-9a-f-]{36}$/);
    expect(spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
  }
});

it('signs what machines that join read of it', async () => {
  const sandbox = createSandbox(1, { topology: TOPOLOGIES[0]! });
  const { items } = await sandbox.request('GET', '/api/v1/namespaces/kube-system/secrets');
  const token = items.find(({ type }: LooseObject) => type === 'bootstrap.kubernetes.io/token');
  const id = token.metadata.name.replace('bootstrap-token-', '');
  const { data } = await sandbox.request('GET', '/api/v1/namespaces/kube-public/configmaps/cluster-info');
  expect(Object.keys(data).sort()).toEqual([`jws-kubeconfig-${id}`, 'kubeconfig']);
  sandbox.advance(24 * 3600 * 1000);
  const after = await sandbox.request('GET', '/api/v1/namespaces/kube-system/secrets');
  expect(after.items.map(({ metadata }: LooseObject) => metadata.name)).not.toContain(`bootstrap-token-${id}`);
});
