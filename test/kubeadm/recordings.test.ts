/** What we make of a topology, and what the real kubeadm made of the same. */
import { describe, expect, it } from 'vitest';
import { initObjects } from '../../src/kubeadm/objects.ts';
import { staticPods } from '../../src/kubeadm/static-pods.ts';
import type { Topology } from '../../src/kubeadm/topology.ts';
import type { KubeObject } from '../../src/objects/object.ts';
import { recordedManifests, recordedObjects } from './recordings.ts';

const TOPOLOGIES: Topology[] = [
  { kind: 'single', controlPlanes: 1, etcdMembers: 1, loadBalancer: false },
  { kind: 'stacked', controlPlanes: 3, etcdMembers: 3, loadBalancer: true },
  { kind: 'external', controlPlanes: 3, etcdMembers: 3, loadBalancer: true },
];

const CONFIG = {
  podCIDR: '10.244.0.0/16',
  serviceCIDR: '10.96.0.0/16',
  token: 'abcdef.0123456789abcdef',
  tokenExpiration: Date.parse('2026-11-28T02:53:28Z'),
  rootCA: 'PEM',
};

/** Without what is that run's: its certificate, its hashes and its time. */
const asAnywhere = (object: KubeObject): unknown =>
  JSON.parse(
    JSON.stringify(object)
      .replace(/certificate-authority-data: [^\\]*/, 'certificate-authority-data: <data>')
      .replace(/sha256:(<hash>|[0-9a-f]{64})/, 'sha256:<hash>')
      .replace(/"expiration":"[^"]*"/, '"expiration":"<time>"'),
  );

describe.each(TOPOLOGIES)('a topology that is $kind', (topology) => {
  it('has every object of the recording, in its order', () => {
    const made = initObjects({ ...CONFIG, topology }).map(asAnywhere);
    const recorded = recordedObjects(topology.kind).map(asAnywhere);
    expect(recorded.length).toBeGreaterThan(25);
    expect(made).toEqual(recorded);
  });

  it('has the manifests of the first control plane', () => {
    expect(staticPods({ ...CONFIG, topology }, 0)).toEqual(recordedManifests(topology.kind));
  });
});

it('a control plane that joins tells its member whom it knows', () => {
  const [etcd] = staticPods({ ...CONFIG, topology: TOPOLOGIES[1]! }, 1);
  const command = etcd!.spec!.containers[0]!.command!;
  expect(command).toContain('--initial-cluster=cp-1=https://172.18.0.2:2380,cp-2=https://172.18.0.3:2380');
  expect(command).toContain('--initial-cluster-state=existing');
});
