import { expect, it, vi } from 'vitest';
import { CLUSTER, viewOfObjects } from '../network/world/test-cluster.ts';
import { limitedWork, UNLIMITED_WORK, WorkExceeded } from '../simulation/work-budget.ts';
import { MAX_CONNECTION_RULE_STEPS, SimulatedNetwork } from './cluster-network.ts';

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

it('is lost where its node has more rules than connections wait for, until a Service changes', () => {
  const counted = limitedWork(MAX_CONNECTION_RULE_STEPS);
  network.iptables('node-0', counted);
  let view = viewOfObjects(CLUSTER);
  let asked = 0;
  const limited = (steps: number) =>
    new SimulatedNetwork(
      SPEC,
      () => view,
      () => {
        asked++;
        return true;
      },
      steps,
    );
  expect(connect(1, limited(counted.spent)).verdict).toBe('accepted');
  const short = limited(counted.spent - 1);
  expect(asked).toBe(1);
  expect(() => connect(1, short)).toThrow(WorkExceeded);
  const list = vi.spyOn(view, 'get');
  expect(() => connect(1, short)).toThrow(WorkExceeded);
  // The node was not looked at again.
  expect(list.mock.calls.filter(([resource]) => resource === 'nodes')).toEqual([]);
  view = viewOfObjects({ ...CLUSTER, services: [], 'endpointslices.discovery.k8s.io': [] });
  expect(connect(1, short).verdict).toBe('dropped');
});

it('answers names', () => {
  expect(network.ask({ name: 'web.default.svc.cluster.local', type: 'A' }, 0).answers).toMatchObject([
    { data: '10.96.0.10' },
  ]);
});
