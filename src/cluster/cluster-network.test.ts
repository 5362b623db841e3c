import { describe, expect, it } from 'vitest';
import { CLUSTER, pod, viewOfObjects } from '../network/world/test-cluster.ts';
import { UNLIMITED_WORK } from '../simulation/work-budget.ts';
import { SimulatedNetwork } from './cluster-network.ts';

const SPEC = { seed: 'a', podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/16', components: { kubeProxy: true } };
const network = new SimulatedNetwork(
  SPEC,
  () => viewOfObjects(CLUSTER),
  () => true,
);
const to = { address: '10.96.0.10', port: 80, protocol: 'tcp' as const };
const connect = (draw: number, of = network) =>
  of.connect({ pod: 'default/client' }, to, 1000, String(draw), UNLIMITED_WORK);

it('takes a program through a Service to each of its pods in the end, and the same connection the same way', () => {
  const reached = Array.from({ length: 20 }, (_, i) => connect(i).pod);
  expect(new Set(reached)).toEqual(new Set(['default/web-a', 'default/web-b']));
  expect(Array.from({ length: 20 }, (_, i) => connect(i).pod)).toEqual(reached);
});

it('leads nowhere without kube-proxy', () => {
  const bare = new SimulatedNetwork(
    { ...SPEC, components: { kubeProxy: false } },
    () => viewOfObjects(CLUSTER),
    () => true,
  );
  expect(bare.iptables('node-0', UNLIMITED_WORK)).toBe('');
  expect(connect(1, bare).verdict).toBe('dropped');
});

it('answers names', () => {
  expect(network.ask({ name: 'web.default.svc.cluster.local', type: 'A' }, 0).answers).toMatchObject([
    { data: '10.96.0.10' },
  ]);
});

describe('what a node has of pods', () => {
  const mapped = (name: string, host: number, ports: object[]) =>
    pod(name, 0, host, 8080, { containers: [{ name: 'c', ports }] });
  const onNode = (name: string, node: number) =>
    pod(name, node, 0, 0, { hostNetwork: true, containers: [{ name: 'c' }] });
  const PODS = [
    ...CLUSTER.pods!,
    mapped('everywhere', 31, [{ hostPort: 7001, containerPort: 8080 }]),
    mapped('loopback', 32, [{ hostPort: 7002, containerPort: 8080, hostIP: '127.0.0.1' }]),
    onNode('server', 0),
    onNode('caller', 0),
  ].map((object, i) => ({ ...object, metadata: { ...(object as { metadata: object }).metadata, uid: `uid-${i}` } }));
  const OBJECTS = {
    ...CLUSTER,
    pods: PODS.map((object) => {
      const { status } = object as unknown as { status: { podIPs: { ip: string }[] } };
      return { ...object, status: { ...status, podIP: status.podIPs[0]!.ip } };
    }),
  };
  // On the node only the server listens, at its loopback.
  const listening = new SimulatedNetwork(
    SPEC,
    () => viewOfObjects(OBJECTS),
    (name, { port, address }) =>
      port === 8080 || (name === 'default/server' && port === 7100 && address === '127.0.0.1'),
  );
  const from = (name: string, address: string, port: number, source?: string) =>
    listening.connect(
      { pod: `default/${name}` },
      { address, port, protocol: 'tcp', ...(source ? { source } : {}) },
      1000,
      'a',
      UNLIMITED_WORK,
    );

  it('leads from ports of the node to pods, through rules that are shown', () => {
    expect(from('other', '172.18.0.2', 7001)).toMatchObject({ verdict: 'accepted', pod: 'default/everywhere' });
    expect(from('client', '172.18.0.2', 7001)).toMatchObject({ verdict: 'accepted', pod: 'default/everywhere' });
    expect(from('other', '172.18.0.3', 7001).verdict).toBe('refused');
    expect(listening.iptables('node-0', UNLIMITED_WORK)).toMatch(
      /-A CNI-HOSTPORT-DNAT -p tcp .*--dports 7001 -j CNI-DN-\w+\n/,
    );
    expect(listening.iptables('node-1', UNLIMITED_WORK)).not.toContain('CNI-');
  });

  it('leads from one address of the node only where the pod says so', () => {
    expect(from('caller', '127.0.0.1', 7002)).toMatchObject({
      verdict: 'accepted',
      pod: 'default/loopback',
      source: { address: { text: '10.244.0.1' } },
    });
    expect(from('caller', '127.0.0.1', 7002, '172.18.0.2')).toMatchObject({
      verdict: 'accepted',
      source: { address: { text: '172.18.0.2' } },
    });
    expect(from('other', '172.18.0.2', 7002).verdict).toBe('refused');
  });

  it('has one loopback for all pods that are in its network', () => {
    expect(from('caller', '127.0.0.1', 7100)).toMatchObject({ verdict: 'accepted', pod: 'default/server' });
    expect(from('caller', '172.18.0.2', 7100).verdict).toBe('refused');
    expect(from('client', '127.0.0.1', 7100).verdict).toBe('refused');
  });

  it('leads to pods without kube-proxy', () => {
    const bare = new SimulatedNetwork(
      { ...SPEC, components: { kubeProxy: false } },
      () => viewOfObjects(OBJECTS),
      (_, { port }) => port === 8080,
    );
    const to = { address: '172.18.0.2', port: 7001, protocol: 'tcp' as const };
    expect(bare.connect({ pod: 'default/other' }, to, 1000, 'a', UNLIMITED_WORK).pod).toBe('default/everywhere');
  });
});
