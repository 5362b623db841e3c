import { describe, expect, it } from 'vitest';
import { policy } from '../policy/test-policies.ts';
import { CLUSTER, connections } from '../world/test-cluster.ts';
import { EPHEMERAL_PORT } from './connect.ts';
import type { ConnectionResult } from './connection-result.ts';
import type { End } from './ends.ts';
import { endpointText } from './packet.ts';

const client: End = { pod: 'default/client' };
const svc = (name: string): End => ({ service: `default/${name}` });
const told = ({ verdict, pod, node, source, destination }: ConnectionResult) => ({
  verdict,
  at: pod ?? node,
  from: source.address.text,
  to: endpointText(destination.address, destination.port),
});
const WEB_A = { verdict: 'accepted', at: 'default/web-a', to: '10.244.0.10:8080' };
const WEB_B = { verdict: 'accepted', at: 'default/web-b', to: '10.244.1.10:8080' };

for (const mode of ['iptables', 'nftables'] as const)
  describe(`a connection in a cluster with ${mode}`, () => {
    const connect = connections(mode);

    it('goes from pod to pod with the addresses of both, on one node and between two', () => {
      expect(told(connect({ from: client, to: { pod: 'default/web-a' }, port: 8080 }))).toEqual({
        ...WEB_A,
        from: '10.244.0.20',
      });
      const far = connect({ from: client, to: { pod: 'default/web-b' }, port: 8080 });
      expect(told(far)).toEqual({ ...WEB_B, from: '10.244.0.20' });
      expect(far.hops.map(({ at, route }) => [at.kind, at.name, route])).toEqual([
        ['pod', 'default/client', 'default via 10.244.0.1 dev eth0'],
        ['node', 'node-0', '10.244.1.0/24 via 172.18.0.3 dev eth0'],
        ['node', 'node-1', '10.244.1.0/24 dev cni0'],
        ['pod', 'default/web-b', undefined],
      ]);
    });

    it('is refused where nothing listens, and finds no way where no pod is', () => {
      expect(connect({ from: client, to: { pod: 'default/web-a' }, port: 81 })).toMatchObject({
        verdict: 'refused',
        because: 'nothing in default/web-a listens on tcp 81',
      });
      expect(connect({ from: client, to: { address: '10.244.1.77' } })).toMatchObject({
        verdict: 'unreachable',
        because: 'no pod on node-1 has the address 10.244.1.77',
      });
      expect(connect({ from: client, to: { outside: true } }).verdict).toBe('dropped');
    });

    it("goes through a Service to one of its pods, and to each in the end, as the client's", () => {
      const reached = Array.from({ length: 30 }, () => told(connect({ from: client, to: svc('web') })));
      expect(new Set(reached.map(({ at }) => at))).toEqual(new Set(['default/web-a', 'default/web-b']));
      for (const one of reached)
        expect([
          { ...WEB_A, from: '10.244.0.20' },
          { ...WEB_B, from: '10.244.0.20' },
        ]).toContainEqual(one);
    });

    it('goes over IPv6 where it is asked to', () => {
      expect(told(connect({ from: client, to: svc('one'), family: 6 }))).toEqual({
        verdict: 'accepted',
        at: 'default/web-b',
        from: 'fd00:10:244::20',
        to: '[fd00:10:244:1::10]:8080',
      });
    });

    it('is refused at once by a Service without endpoints', () => {
      expect(connect({ from: client, to: svc('none') })).toMatchObject({
        verdict: 'refused',
        because: 'a rule on node-0 rejects it with icmp-port-unreachable',
      });
    });

    it('finds nobody at a port that a Service does not have', () => {
      const { verdict } = connect({ from: client, to: svc('web'), port: 81 });
      expect(verdict).toBe(mode === 'iptables' ? 'dropped' : 'refused');
    });

    it("comes back to the pod itself as its node's bridge", () => {
      const hairpin = Array.from({ length: 20 }, () =>
        told(connect({ from: { pod: 'default/web-a' }, to: svc('web') })),
      );
      expect(hairpin).toContainEqual({ ...WEB_A, from: '10.244.0.1' });
      expect(hairpin).toContainEqual({ ...WEB_B, from: '10.244.0.10' });
    });

    it('sticks to a pod as long as affinity lasts, for each client', () => {
      const sticky = connections(mode);
      const first = sticky({ from: client, to: svc('sticky') }, 1000).pod;
      for (let i = 0; i < 20; i++) expect(sticky({ from: client, to: svc('sticky') }, 1000 + i * 600).pod).toBe(first);
      const later = Array.from(
        { length: 20 },
        (_, i) => sticky({ from: client, to: svc('sticky') }, 1e6 + i * 20_000).pod,
      );
      expect(new Set(later).size).toBe(2);
    });

    it("comes from outside to a node port with the node's address, and to a local one with its own", () => {
      const from: End = { outside: true };
      expect(told(connect({ from, to: { node: 'node-0' }, port: 30_080 }))).toEqual({ ...WEB_B, from: '172.18.0.2' });
      expect(told(connect({ from, to: { node: 'node-1' }, port: 30_081 }))).toEqual({ ...WEB_B, from: '198.51.100.7' });
      expect(connect({ from, to: { node: 'node-0' }, port: 30_081 }).verdict).toBe('dropped');
      const balanced = Array.from({ length: 20 }, () => connect({ from, to: { address: '203.0.113.5' } }).verdict);
      expect(new Set(balanced)).toEqual(new Set(['accepted', 'dropped']));
      expect(connect({ from, to: { address: '10.96.0.10' } }).verdict).toBe('unreachable');
    });

    it('is dropped where the answer takes another way than the question', () => {
      // The other node has translated it, and the answer does not pass there.
      expect(connect({ from: { pod: 'default/other' }, to: { node: 'node-0' }, port: 30_081 })).toMatchObject({
        verdict: 'dropped',
        because: 'the answer comes from 10.244.1.10:8080, and is not taken for one of 172.18.0.2:30081',
      });
      expect(connect({ from: client, to: { node: 'node-0' }, port: 30_081 }).verdict).toBe('accepted');
    });

    it('goes from a node, masqueraded to the way that it takes', () => {
      expect(told(connect({ from: { node: 'node-0' }, to: svc('one') }))).toEqual({ ...WEB_B, from: '172.18.0.2' });
      expect(told(connect({ from: { node: 'node-1' }, to: svc('one') }))).toEqual({ ...WEB_B, from: '10.244.1.1' });
      expect(told(connect({ from: { node: 'node-0' }, to: { node: 'node-1' }, port: 10_250 }))).toMatchObject({
        verdict: 'accepted',
        at: 'node-1',
      });
      expect(connect({ from: { node: 'node-0' }, to: { address: '127.0.0.1' }, port: 10_250 })).toMatchObject({
        verdict: 'accepted',
        node: 'node-0',
      });
    });

    it('takes any of the pods of a headless Service', () => {
      const reached = Array.from({ length: 20 }, () => connect({ from: client, to: svc('headless'), port: 8080 }).pod);
      expect(new Set(reached)).toEqual(new Set(['default/web-a', 'default/web-b']));
    });

    it('is dropped by network policies, which see what the rules have made of it', () => {
      const closed = policy('default', 'closed', {
        podSelector: { matchLabels: { app: 'web-b' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'other' } } }], ports: [{ port: 8080 }] }],
      });
      const silent = policy('default', 'silent', {
        podSelector: { matchLabels: { app: 'client' } },
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector: { matchLabels: { app: 'web-b' } } }], ports: [{ port: 8080 }] }],
      });
      const policed = (policies: object[]) =>
        connections(mode, { ...CLUSTER, 'networkpolicies.networking.k8s.io': policies });
      expect(policed([closed])({ from: client, to: svc('one') })).toMatchObject({
        verdict: 'dropped',
        because:
          'a network policy of the receiver forbids it: ingress: denied, rule 1 of default/closed is not about this source',
      });
      expect(policed([closed])({ from: { pod: 'default/other' }, to: svc('one') }).verdict).toBe('accepted');
      // A probe comes from the pod's own node.
      expect(policed([closed])({ from: { node: 'node-1' }, to: { pod: 'default/web-b' }, port: 8080 }).verdict).toBe(
        'accepted',
      );
      expect(policed([closed])({ from: { node: 'node-0' }, to: { pod: 'default/web-b' }, port: 8080 }).verdict).toBe(
        'dropped',
      );
      expect(policed([silent])({ from: client, to: svc('one') }).verdict).toBe('accepted');
      expect(policed([silent])({ from: client, to: { pod: 'default/web-a' }, port: 8080 })).toMatchObject({
        verdict: 'dropped',
        because: expect.stringMatching(/^a network policy of the sender forbids it: egress: denied/),
      });
    });

    it('stays in the pod for its own address and loopback', () => {
      const own = connect({ from: { pod: 'default/web-a' }, to: { address: '127.0.0.1' }, port: 8080 });
      expect(told(own)).toEqual({ verdict: 'accepted', at: 'default/web-a', from: '127.0.0.1', to: '127.0.0.1:8080' });
      expect(own.scanned).toBe(0);
    });

    it('says who is not there', () => {
      expect(() => connect({ from: client, to: svc('nowhere') })).toThrow('there is no Service default/nowhere');
      expect(() => connect({ from: { pod: 'default/nobody' }, to: client })).toThrow('there is no pod default/nobody');
      expect(() => connect({ from: svc('web'), to: client })).toThrow('a Service sends nothing');
    });

    it('tells the rules that it met on each node, and begins at an ephemeral port', () => {
      const { hops, scanned } = connect({ from: client, to: svc('one') });
      expect(hops[0]!.before.sourcePort).toBe(EPHEMERAL_PORT);
      const met = hops[1]!.passage!.met.map(({ chain }) => chain);
      expect(
        met.some((chain) => (mode === 'iptables' ? chain.startsWith('KUBE-SEP-') : chain.startsWith('service-'))),
      ).toBe(true);
      expect(scanned).toBeGreaterThan(10);
    });
  });
