import { expect, it } from 'vitest';
import { CLUSTER, viewOfObjects } from '../network/world/test-cluster.ts';
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
