/** What becomes of a cluster of which a part breaks, and that it comes back. */
import { expect, it } from 'vitest';
import { changeFaults } from '../../src/cluster/faults.ts';
import type { Topology } from '../../src/kubeadm/topology.ts';
import type { FaultsAnswer, FaultsChange } from '../../src/platform/clusters/faults-change.ts';
import type { LooseObject } from '../loose-object.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const SECOND = 1000;
const STACKED: Topology = { kind: 'stacked', controlPlanes: 3, etcdMembers: 3, loadBalancer: true };
const EVICTED_AFTER = 50 * SECOND + 300 * SECOND;

/** A cluster in which things break at its own time. */
class Broken {
  readonly sandbox: Sandbox;
  #now: number;

  constructor(nodes: number, topology?: Topology) {
    this.sandbox = createSandbox(nodes, topology ? { topology } : {});
    this.#now = Date.parse('2026-01-05T10:00:00Z');
  }

  faults(change: FaultsChange): FaultsAnswer {
    const answer = changeFaults(this.sandbox.cluster, undefined, change, this.#now);
    this.pass(0);
    return answer;
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    this.sandbox.advance(milliseconds);
  }

  get(path: string): Promise<LooseObject> {
    return this.sandbox.request('GET', path);
  }

  post(path: string, body: unknown): Promise<LooseObject> {
    return this.sandbox.request('POST', path, body);
  }

  async ready(node: string): Promise<string> {
    const { status } = await this.get(`/api/v1/nodes/${node}`);
    return status.conditions.find(({ type }: LooseObject) => type === 'Ready').status;
  }

  async holder(component: string): Promise<LooseObject> {
    const { spec } = await this.get(`/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${component}`);
    return { ...spec, node: spec.holderIdentity.split('_')[0] };
  }
}

const deployment = (name: string, replicas: number) => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const PODS = '/api/v1/namespaces/default/pods';

const nodesOf = async (cluster: Broken): Promise<(string | undefined)[]> =>
  (await cluster.get(PODS)).items
    .filter(({ metadata }: LooseObject) => !metadata.deletionTimestamp)
    .map(({ spec }: LooseObject) => spec.nodeName);

it.each<[string, Topology | undefined]>([
  ['without a topology', undefined],
  ['with one', STACKED],
])('a node that is killed is given up, emptied, and comes back: %s', async (_, topology) => {
  const cluster = new Broken(2, topology);
  await cluster.post(DEPLOYMENTS, deployment('web', 2));
  cluster.pass(5 * SECOND);
  expect((await nodesOf(cluster)).sort()).toEqual(['node-1', 'node-2']);
  cluster.faults({ kill: { node: 'node-1' } });
  cluster.pass(45 * SECOND);
  expect(await cluster.ready('node-1')).toBe('True');
  cluster.pass(6 * SECOND);
  expect(await cluster.ready('node-1')).toBe('Unknown');
  const { spec } = await cluster.get('/api/v1/nodes/node-1');
  expect(spec.taints.map(({ key }: LooseObject) => key)).toContain('node.kubernetes.io/unreachable');
  cluster.pass(EVICTED_AFTER);
  expect(await nodesOf(cluster)).toEqual(['node-2', 'node-2']);
  // Nobody there ends what was evicted.
  expect((await cluster.get(PODS)).items).toHaveLength(3);
  cluster.faults({ heal: { node: 'node-1' } });
  cluster.pass(60 * SECOND);
  expect(await cluster.ready('node-1')).toBe('True');
  expect((await cluster.get(PODS)).items).toHaveLength(2);
  expect((await cluster.get('/api/v1/nodes/node-1')).spec.taints).toBeUndefined();
  expect(cluster.sandbox.errors).toEqual([]);
});

it('what ran on a machine that was off runs again; what was paused goes on', async () => {
  const cluster = new Broken(1);
  await cluster.post(PODS, { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } });
  cluster.pass(5 * SECOND);
  const restarts = async (): Promise<LooseObject> => {
    const { status } = await cluster.get(`${PODS}/a`);
    return [status.containerStatuses[0].restartCount, status.containerStatuses[0].ready];
  };
  cluster.faults({ pause: { node: 'node-1' } });
  cluster.pass(60 * SECOND);
  cluster.faults({ heal: true });
  cluster.pass(60 * SECOND);
  expect(await restarts()).toEqual([0, true]);
  cluster.faults({ kill: { node: 'node-1' } });
  cluster.pass(60 * SECOND);
  cluster.faults({ heal: true });
  cluster.pass(60 * SECOND);
  expect(await restarts()).toEqual([1, true]);
});

it('another scheduler takes over when the lease of one that is killed has run out', async () => {
  const cluster = new Broken(1, STACKED);
  const { node } = await cluster.holder('kube-scheduler');
  cluster.faults({ kill: { component: `kube-scheduler-${node}` } });
  const pods = await cluster.get('/api/v1/namespaces/kube-system/pods');
  expect(pods.items.map(({ metadata }: LooseObject) => metadata.name)).not.toContain(`kube-scheduler-${node}`);
  await cluster.post(PODS, { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } });
  cluster.pass(10 * SECOND);
  expect(await nodesOf(cluster)).toEqual([undefined]);
  cluster.pass(10 * SECOND);
  expect(await nodesOf(cluster)).toEqual(['node-1']);
  const after = await cluster.holder('kube-scheduler');
  expect(after.node).not.toBe(node);
  expect(after.leaseTransitions).toBe(1);
  cluster.faults({ heal: true });
  cluster.pass(30 * SECOND);
  expect((await cluster.get(`/api/v1/namespaces/kube-system/pods/kube-scheduler-${node}`)).status.phase).toBe(
    'Running',
  );
  expect((await cluster.holder('kube-scheduler')).node).toBe(after.node);
});

it('nothing is controlled while no controller manager runs, and all of it is made up for', async () => {
  const cluster = new Broken(1, STACKED);
  for (const node of ['cp-1', 'cp-2', 'cp-3'])
    cluster.faults({ pause: { component: `kube-controller-manager-${node}` } });
  await cluster.post(DEPLOYMENTS, deployment('web', 2));
  cluster.pass(60 * SECOND);
  expect((await cluster.get(PODS)).items).toEqual([]);
  cluster.faults({ heal: { component: 'kube-controller-manager-cp-2' } });
  cluster.pass(30 * SECOND);
  expect((await cluster.get(PODS)).items).toHaveLength(2);
  expect((await cluster.holder('kube-controller-manager')).node).toBe('cp-2');
});

it('a controller manager goes with the API server of its machine, and that with its member', async () => {
  const cluster = new Broken(1, STACKED);
  const { node } = await cluster.holder('kube-controller-manager');
  cluster.faults({ kill: { component: `kube-apiserver-${node}` } });
  cluster.pass(20 * SECOND);
  const next = await cluster.holder('kube-controller-manager');
  expect(next.node).not.toBe(node);
});

it.each<[FaultsChange, string, string]>([
  [{ kill: { node: 'node-9' } }, '/kill/node', 'the cluster has no node node-9'],
  [
    { pause: { component: 'kube-scheduler-cp-9' } },
    '/pause/component',
    'no control plane has a part kube-scheduler-cp-9',
  ],
  [{ kill: { zone: 'a' } }, '/kill/zone', 'no node is in the zone a'],
  [{ heal: { node: 'x' } }, '/heal/node', 'the cluster has no node x'],
  [{ kill: { member: 'cp-1' } }, '/kill/member', 'the only etcd member of this cluster cannot be broken'],
])('refuses %j', (change, pointer, detail) => {
  const answer = new Broken(1, STACKED).faults(change);
  expect(answer).toEqual({ problem: { pointer, detail: expect.stringContaining(detail) } });
});
