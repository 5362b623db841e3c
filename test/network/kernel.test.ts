/**
 * The walk and a real kernel agree: our rules are loaded as they are, real connections are made, and who answers, with which source, and
 * what is refused is compared. Where that is not allowed, a line says why.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyOutcome } from '../../src/network/packet/chance.ts';
import { connect } from '../../src/network/packet/connect.ts';
import type { End } from '../../src/network/packet/ends.ts';
import type { Protocol } from '../../src/network/packet/packet.ts';
import { ClusterWorld } from '../../src/network/world/cluster-world.ts';
import {
  CLUSTER,
  networkOf,
  type Objects,
  service,
  slices,
  viewOfObjects,
} from '../../src/network/world/test-cluster.ts';
import { type Answered, type Backend, build, destroy, load, Runner, unload, whyNot } from './kernel-topology.ts';

const reason = whyNot();
if (reason) console.log(`skipped: the check against a real kernel (${reason})`);

const PORTS = [
  { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 },
  { name: 'dns', protocol: 'UDP', port: 53, targetPort: 8053 },
  { name: 'call', protocol: 'SCTP', port: 2905, targetPort: 8905 },
];
const each = (name: string) =>
  slices(name, [
    [0, 10],
    [1, 10],
  ]).map((slice) => ({
    ...slice,
    ports: PORTS.map(({ name: port, protocol, targetPort }) => ({ name: port, protocol, port: targetPort })),
  }));

const objects: Objects = {
  ...CLUSTER,
  services: [
    ...CLUSTER.services!,
    service('mixed', 20, { ports: PORTS }),
    service('inside', 21, { internalTrafficPolicy: 'Local' }),
    service(
      'ranges',
      22,
      {
        type: 'LoadBalancer',
        loadBalancerSourceRanges: ['10.0.0.0/8', 'fd00::/8'],
        ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_082 }],
      },
      { loadBalancer: { ingress: [{ ip: '203.0.113.6' }] } },
    ),
    service('external', 23, { externalIPs: ['203.0.113.7'] }),
  ],
  'endpointslices.discovery.k8s.io': [
    ...CLUSTER['endpointslices.discovery.k8s.io']!,
    ...each('mixed'),
    ...slices('inside', [[1, 10]]),
    ...slices('ranges', [[1, 10]]),
    ...slices('external', [
      [0, 10],
      [1, 10],
    ]),
  ],
};
const view = viewOfObjects(objects);

/** What listens where, in both worlds. */
const WEB: [string, number][] = [
  ['tcp', 8080],
  ['udp', 8053],
  ['sctp', 8905],
];
const NODE: [string, number][] = [['tcp', 10_250]];

const world = (mode: 'iptables' | 'nftables') =>
  new ClusterWorld().world({
    ...networkOf(mode, view),
    podListens: (pod, protocol, port) =>
      pod.metadata.name.startsWith('web-') && WEB.some(([p, n]) => p === protocol && n === port),
    nodeListens: (_, protocol, port) => NODE.some(([p, n]) => p === protocol && n === port),
  });

interface Case {
  from: string;
  to: string;
  port: number;
  protocol: Protocol;
}

const addressesOf = (name: string, kind: string): string[] => {
  const found = view.get(kind, kind === 'nodes' ? undefined : 'default', name) as any;
  return kind === 'services' ? found.spec.clusterIPs : found.status.addresses.map((a: any) => a.address);
};

const FROM = ['client', 'other', 'web-a', 'web-b', 'node-0', 'node-1'];

function* casesOf(family: 4 | 6): Generator<Case> {
  const pick = (all: string[]): string => all[family === 4 ? 0 : 1]!;
  const pod = (node: number, host: number): string =>
    family === 4 ? `10.244.${node}.${host}` : `fd00:10:244:${node}::${host}`;
  const tcp = { protocol: 'tcp' as const };
  for (const from of FROM) {
    for (const name of ['web', 'one', 'none', 'node-port', 'local', 'inside'])
      yield { from, to: pick(addressesOf(name, 'services')), port: 80, ...tcp };
    yield { from, to: pod(0, 10), port: 8080, ...tcp };
    yield { from, to: pod(1, 10), port: 8080, ...tcp };
    yield { from, to: pod(1, 20), port: 8080, ...tcp };
    yield { from, to: pick(addressesOf('mixed', 'services')), port: 53, protocol: 'udp' };
    yield { from, to: pick(addressesOf('none', 'services')), port: 53, protocol: 'udp' };
  }
  for (const from of [...FROM, 'outside'])
    for (const node of ['node-0', 'node-1']) {
      yield { from, to: pick(addressesOf(node, 'nodes')), port: 30_080, ...tcp };
      yield { from, to: pick(addressesOf(node, 'nodes')), port: 30_081, ...tcp };
      yield { from, to: pick(addressesOf(node, 'nodes')), port: 10_250, ...tcp };
      yield { from, to: pick(addressesOf(node, 'nodes')), port: 30_099, ...tcp };
    }
  for (const from of ['client', 'node-1'])
    yield { from, to: pick(addressesOf('mixed', 'services')), port: 2905, protocol: 'sctp' };
  if (family === 6) return;
  for (const from of ['client', 'other', 'node-1'])
    for (const to of ['203.0.113.5', '203.0.113.6', '203.0.113.7']) yield { from, to, port: 80, ...tcp };
}

const endOf = (name: string): End => {
  if (name === 'outside') return { outside: true };
  return name.startsWith('node-') ? { node: name } : { pod: `default/${name}` };
};

const told = (verdict: string, name?: string, source?: string): string =>
  verdict === 'accepted' ? `${name} sees ${source}` : verdict;

/** All that may become of it by the walk. */
function walked(mode: 'iptables' | 'nftables', { from, to, port, protocol }: Case, family: 4 | 6): string[] {
  const outcomes = everyOutcome((chance) =>
    // A connection of its own each time: nothing is remembered of clients.
    connect(
      world(mode),
      {
        from: from === 'outside' ? { address: STRANGER[family] } : endOf(from),
        to: { address: to },
        port,
        protocol,
        family,
      },
      { chance, now: 0 },
    ),
  );
  return outcomes.map(({ value: { verdict, pod, node, source } }) =>
    told(verdict, pod?.split('/')[1] ?? node, source.address.text),
  );
}

const STRANGER = { 4: '198.51.100.7', 6: '2001:db8::7' };
const runners = new Map<string, Runner>();

describe.skipIf(reason !== undefined)('a real kernel', () => {
  beforeAll(async () => {
    build();
    for (const name of ['outside', 'node-0', 'node-1', 'client', 'other', 'web-a', 'web-b']) {
      const runner = new Runner(name, name.startsWith('web-') ? WEB : name.startsWith('node-') ? NODE : []);
      runners.set(name, runner);
      await runner.next();
    }
  });
  afterAll(() => {
    for (const runner of runners.values()) runner.end();
    destroy();
  });

  const asked = async (one: Case, family: 4 | 6): Promise<Answered> => {
    const bind = one.from === 'outside' ? { bind: STRANGER[family] } : {};
    return runners.get(one.from)!.connect({ protocol: one.protocol, family, address: one.to, port: one.port, ...bind });
  };

  for (const backend of ['iptables-legacy', 'iptables-nft', 'nftables'] as Backend[])
    for (const family of [4, 6] as const)
      it(`agrees with ${backend} over IPv${family}`, async () => {
        const mode = backend === 'nftables' ? 'nftables' : 'iptables';
        const network = networkOf(mode, view);
        for (const node of ['node-0', 'node-1'])
          load(backend, node, network.rules(node, family === 4 ? 'IPv4' : 'IPv6'), family);
        const cases = [...casesOf(family)];
        const bySender = Map.groupBy(cases, ({ from }) => from);
        const differing: string[] = [];
        let made = 0;
        await Promise.all(
          [...bySender.values()].map(async (own) => {
            for (const one of own) {
              const { verdict, name, source } = await asked(one, family);
              // A kernel without SCTP.
              if (verdict === 'unsupported') continue;
              made++;
              const real = told(verdict, name, source);
              const ours = walked(mode, one, family);
              if (!ours.includes(real))
                differing.push(`${JSON.stringify(one)}: the kernel ${real}, the walk ${ours.join(' or ')}`);
            }
          }),
        );
        for (const node of ['node-0', 'node-1']) unload(backend, node);
        console.log(`${backend}, IPv${family}: ${made} connections, ${differing.length} differ`);
        expect(made).toBeGreaterThan(100);
        expect(differing).toEqual([]);
      });
});
