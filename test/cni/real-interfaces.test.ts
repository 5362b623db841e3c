/**
 * The texts that programs print of a pod's network and of its node's, against those of a real kernel and the real programs: the same
 * devices, addresses and routes are made in network namespaces of their own. Needs root and iproute2; says what it skips without.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttachedPod } from '../../src/network/attachment/attached-pod.ts';
import { ipAddress, ipBriefAddress, ipBriefLink, ipLink } from '../../src/network/interfaces/ip-address-text.ts';
import { bridgeForwarding, ipRoute, ipRouteGet } from '../../src/network/interfaces/ip-route-text.ts';
import type { NamespaceView, NetworkInterface } from '../../src/network/interfaces/namespace-view.ts';
import { type NodeNetwork, nodeInterfaces } from '../../src/network/interfaces/node-interfaces.ts';
import { podInterfaces } from '../../src/network/interfaces/pod-interfaces.ts';
import { procInet6, procRoute, procTcp } from '../../src/network/interfaces/proc-net.ts';
import { printNet, readIP } from '../../src/network/ip-addresses.ts';
import { sandboxOf } from '../../src/objects/sandbox.ts';

const podCIDRs = ['10.244.1.0/24', 'fd00:10:244:1::/64'];
const node: NodeNetwork = { addresses: [], router: '', podCIDRs };
const pod = (name: string, ...addresses: string[]): AttachedPod => ({
  namespace: 'default',
  name,
  uid: `uid-of-${name}-${process.pid}`,
  sandbox: sandboxOf(`uid-of-${name}-${process.pid}`),
  addresses,
  portMappings: [],
});
const pods = [pod('a', '10.244.1.2', 'fd00:10:244:1::2'), pod('b', '10.244.1.3', 'fd00:10:244:1::3')];
const netnsOf = ({ sandbox }: AttachedPod): string => sandbox.netns.slice(sandbox.netns.lastIndexOf('/') + 1);

const onNode = nodeInterfaces(node, pods, []);
const inPods = pods.map((one) => podInterfaces(one, podCIDRs));

const link = ({ interfaces }: NamespaceView, name: string): NetworkInterface =>
  interfaces.find((one) => one.name === name)!;
const portOf = (i: number): NetworkInterface =>
  onNode.interfaces.find(({ peer }) => peer?.netns === netnsOf(pods[i]!))!;

/** Addresses and routes of a device but those that the kernel gives by itself. */
function addressing(prefix: string, view: NamespaceView, name: string): string[] {
  const given = link(view, name).addresses.filter(({ scope }) => scope === 'global');
  return [
    ...given.map(
      ({ net, broadcast }) => `${prefix} addr add ${printNet(net)} ${broadcast ? `brd ${broadcast}` : ''} dev ${name}`,
    ),
    ...view.routes.flatMap(({ dst, gateway, dev }) =>
      gateway !== undefined && dev === name ? [`${prefix} route add ${dst} via ${gateway} dev ${name}`] : [],
    ),
  ];
}

/** The node is the namespace that all runs in. */
const SETUP = [
  'set -e',
  'ip link set lo up',
  `ip link add cni0 index 3 address ${link(onNode, 'cni0').mac} type bridge`,
  'ip link set cni0 up',
  ...pods.flatMap((one, i) => {
    const inside = link(inPods[i]!, 'eth0');
    const port = portOf(i);
    const ns = netnsOf(one);
    return [
      `ip netns add ${ns}`,
      `ip -n ${ns} link set lo up`,
      `ip link add ${port.name} index ${port.index} address ${port.mac} type veth peer name eth0 index 2 address ${inside.mac} netns ${ns}`,
      `ip link set ${port.name} up master cni0`,
      `ip -n ${ns} link set eth0 up`,
      ...addressing(`ip -n ${ns}`, inPods[i]!, 'eth0'),
    ];
  }),
  ...addressing('ip', onNode, 'cni0'),
  // Until the devices' own addresses are no longer tentative, and the bridge has heard of its pods.
  'sleep 3',
];

const TEXTS = [
  'ip addr',
  'ip -4 addr',
  'ip -br addr',
  'ip link',
  'ip -br link',
  'ip route',
  'ip -6 route',
  'cat /proc/net/route',
  'cat /proc/net/if_inet6',
  'cat /proc/net/tcp',
  'ip route get 10.244.1.3',
  'bridge fdb',
];

const MARK = '--8<--';
const IN_POD = 'ip netns exec';

function record(): Record<string, string> | undefined {
  const asked = [...TEXTS.map((text) => ['', text]), ...TEXTS.map((text) => [netnsOf(pods[0]!), text])];
  const script = [
    ...SETUP,
    ...asked.map(([ns, text]) => `echo '${MARK}${ns}:${text}'; ${ns ? `${IN_POD} ${ns} ${text}` : text}`),
  ];
  const run = spawnSync('unshare', ['-n', 'sh', '-c', script.join('\n')], { encoding: 'utf8', timeout: 60_000 });
  if (run.status !== 0) {
    console.warn(`skipped: no network namespaces here (${run.error?.message ?? run.stderr.trim()})`);
    return undefined;
  }
  return Object.fromEntries(
    run.stdout
      .split(MARK)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
}

const canTry = process.getuid?.() === 0 && spawnSync('ip', ['-V']).status === 0;
if (!canTry) console.warn('skipped: the real programs need root and iproute2');

describe.runIf(canTry)('beside a real kernel', () => {
  let real: Record<string, string> | undefined;
  beforeAll(() => {
    real = record();
  }, 90_000);
  afterAll(() => {
    for (const one of pods)
      try {
        execFileSync('ip', ['netns', 'del', netnsOf(one)], { stdio: 'ignore' });
      } catch {
        // It was not made.
      }
  });

  const ours = (view: NamespaceView): Record<string, string> => ({
    'ip addr': ipAddress(view),
    'ip -4 addr': ipAddress(view, { family: 4 }),
    'ip -br addr': ipBriefAddress(view),
    'ip link': ipLink(view),
    'ip -br link': ipBriefLink(view),
    'ip route': ipRoute(view),
    'ip -6 route': ipRoute(view, 6),
    'cat /proc/net/route': procRoute(view),
    'cat /proc/net/if_inet6': procInet6(view),
    'cat /proc/net/tcp': procTcp([]),
    'ip route get 10.244.1.3': ipRouteGet(view, readIP('10.244.1.3')!)!,
    'bridge fdb': bridgeForwarding(view),
  });
  /** The card of a node is no device that could be made here. */
  const withoutCard: NamespaceView = {
    interfaces: onNode.interfaces.filter(({ name }) => name !== 'eth0'),
    routes: onNode.routes.filter(({ dev }) => dev !== 'eth0'),
    neighbours: [],
    forwarding: onNode.forwarding.filter(({ device }) => device !== 'eth0'),
  };
  const hashed = new Set(['cat /proc/net/if_inet6', 'ip -6 route', 'bridge fdb']);
  const sorted = (text: string): string => text.split('\n').sort().join('\n');

  it.each([
    ['a pod', netnsOf(pods[0]!), ours(inPods[0]!)],
    ['its node', '', ours(withoutCard)],
  ])('prints what %s shows', (_, ns, texts) => {
    if (!real) return;
    for (const [asked, text] of Object.entries(texts)) {
      const recorded = real[`${ns}:${asked}`]!;
      // Multicast groups of a pod's own device are in no table of a bridge.
      if (asked === 'bridge fdb' && ns !== '') continue;
      const [now, then] = hashed.has(asked) ? [sorted(text), sorted(recorded)] : [text, recorded];
      expect(`${asked}\n${now}`).toBe(`${asked}\n${then}`);
    }
  });
});
