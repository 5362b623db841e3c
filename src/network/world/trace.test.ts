import { describe, expect, it } from 'vitest';
import { limitedWork, UNLIMITED_WORK, WorkExceeded } from '../../simulation/work-budget.ts';
import { ClusterNames } from './cluster-names.ts';
import { ClusterWorld } from './cluster-world.ts';
import { CLUSTER, networkOf, viewOfObjects } from './test-cluster.ts';
import { type TraceQuestion, traceConnection } from './trace.ts';

for (const mode of ['iptables', 'nftables'] as const)
  describe(`a trace in a cluster with ${mode}`, () => {
    const view = viewOfObjects(CLUSTER);
    const known = new ClusterWorld();
    const trace = (question: Partial<TraceQuestion>, work = UNLIMITED_WORK) =>
      traceConnection(
        { world: known.world(networkOf(mode, view)), view, names: new ClusterNames() },
        { from: 'default/client', to: 'svc/default/web', protocol: 'tcp', seed: 'a', ...question },
        0,
        work,
      );

    it('names the object behind each rule', () => {
      const { hops, text } = trace({ to: 'svc/default/one' });
      const rules = hops.flatMap((hop) => hop.rules);
      expect(rules.find((rule) => rule.action.startsWith('dnat'))).toMatchObject({
        action: 'dnat to 10.244.1.10:8080',
        after: 'tcp 10.244.0.20:32768 -> 10.244.1.10:8080',
        cause: { kind: 'EndpointSlice', namespace: 'default', name: 'one-ipv4', endpoint: '10.244.1.10:8080' },
      });
      const services = rules.filter((rule) => rule.cause?.kind === 'Service').map((rule) => rule.cause);
      expect(services).toContainEqual({ kind: 'Service', namespace: 'default', name: 'one', port: 'http' });
      expect(text).toMatch(/TRACE: .* IN=cni0 OUT= SRC=10.244.0.20 DST=10.96.0.11 PROTO=TCP SPT=32768 DPT=80 -> /);
      expect(text).toMatch(/\(EndpointSlice default\/one-ipv4\)/);
      expect(text).toMatch(/\n= accepted: default\/web-b listens on tcp 8080\n$/);
    });

    it('tells what else chance might do, and how likely', () => {
      const { outcomes } = trace({});
      expect(outcomes.map(({ at }) => at).sort()).toEqual(['default/web-a', 'default/web-b']);
      for (const { probability } of outcomes) expect(probability).toBeCloseTo(0.5, 9);
    });

    it('changes nothing: a client that was traced has no affinity', () => {
      expect(trace({ to: 'svc/default/sticky' }).outcomes).toHaveLength(2);
      expect(trace({ to: 'svc/default/sticky' }).outcomes).toHaveLength(2);
    });

    it('takes a port by its name, or the first', () => {
      expect(trace({ port: 'http' }).verdict).toBe('accepted');
      expect(trace({}).hops[0]!.before).toMatch(/ -> 10.96.0.10:80$/);
      expect(trace({ to: 'default/web-a' }).hops[0]!.before).toMatch(/ -> 10.244.0.10:8080$/);
      expect(() => trace({ port: 'none' })).toThrow('there is no port none');
      expect(() => trace({ to: '10.96.0.10' })).toThrow('it has to be said to which port');
    });

    it('asks for a name as the pod does', () => {
      const { name, pod } = trace({ to: 'dns/one', port: 80 });
      expect([pod, name!.question]).toEqual(['default/web-b', 'one.default.svc.cluster.local.']);
      expect(trace({ to: 'dns/one.default', port: 80, family: 'IPv6' }).name!.answers[0]!.data).toBe('fd00:10:96::11');
      expect(() => trace({ to: 'dns/nobody', port: 80 })).toThrow('the name nobody is not resolved: SERVFAIL');
      expect(() => trace({ from: 'node-0', to: 'dns/one', port: 80 })).toThrow('only pods ask');
    });

    it('takes ends in each form', () => {
      expect(trace({ from: 'outside', to: 'node/node-0', port: 30_080 })).toMatchObject({
        pod: 'default/web-b',
        source: '172.18.0.2:32768',
      });
      expect(trace({ from: 'node-1', to: '10.244.0.10', port: 8080 }).verdict).toBe('accepted');
      expect(() => trace({ from: 'node-7' })).toThrow('there is no node node-7');
    });

    it('looks at no more rules than it may', () => {
      const counted = limitedWork(1_000_000);
      trace({}, counted);
      expect(() => trace({}, limitedWork(counted.spent))).not.toThrow();
      expect(() => trace({}, limitedWork(counted.spent - 1))).toThrow(WorkExceeded);
    });
  });
