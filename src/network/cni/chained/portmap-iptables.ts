/** Port mappings as chains of iptables. Source: containernetworking/plugins plugins/meta/portmap/portmap_iptables.go. */
import { EVERYWHERE, type IPNet, printIP, printNet, readIP } from '../../ip-addresses.ts';
import { wrapping } from '../errors.ts';
import { commented, IPTables } from '../kernel/iptables.ts';
import type { Machine } from '../machine.ts';
import { chainName } from '../masquerade.ts';
import { type Chain, checkChain, setUpChain, tearDownChain } from './chain.ts';
import type { PortMapping, PortmapConfig } from './portmap-config.ts';

const DNAT_CHAIN = 'CNI-HOSTPORT-DNAT';
const SETMARK_CHAIN = 'CNI-HOSTPORT-SETMARK';
const MASQ_CHAIN = 'CNI-HOSTPORT-MASQ';
/** So many ports one rule may name. */
export const MULTIPORT_MAX = 15;
export const MAX_IPTABLES_COMMENT = 255;
const CUT_COMMENT = 253;

function markOf(bit: number): string {
  const mark = `0x${(2 ** bit).toString(16)}`;
  return `${mark}/${mark}`;
}

const setMarkChain = (bit: number): Chain => ({
  name: SETMARK_CHAIN,
  rules: [[...commented('CNI portfwd masquerade mark'), '-j', 'MARK', '--set-xmark', markOf(bit)]],
  entryChains: [],
  entryRules: [],
});

/** Before what bridge and ptp masquerade. */
const masqueradeChain = (bit: number): Chain => ({
  name: MASQ_CHAIN,
  rules: [['-m', 'mark', '--mark', markOf(bit), '-j', 'MASQUERADE']],
  entryChains: ['POSTROUTING'],
  entryRules: [commented('CNI portfwd requiring masquerade')],
  isEntryFirst: true,
});

const topChain: Chain = {
  name: DNAT_CHAIN,
  rules: [],
  entryChains: ['PREROUTING', 'OUTPUT'],
  entryRules: [['-m', 'addrtype', '--dst-type', 'LOCAL']],
};

const podChain = ({ network, containerID }: PortmapConfig): Chain => ({
  name: chainName(network, containerID, 'DN-'),
  rules: [],
  entryChains: [DNAT_CHAIN],
  entryRules: [],
});

/** For each protocol, in so many rules as its ports need. */
function entryRules({ network, containerID, mappings, conditions }: PortmapConfig, family: 4 | 6): string[][] {
  const text = `dnat name: "${network}" id: "${containerID}"`;
  const about = commented(text.length <= MAX_IPTABLES_COMMENT ? text : `${text.slice(0, CUT_COMMENT)}...`);
  const byProtocol = Map.groupBy(mappings, ({ protocol }) => protocol);
  return [...byProtocol.keys()].sort().flatMap((protocol) => {
    const ports = byProtocol.get(protocol)!.map(({ hostPort }) => hostPort);
    const parts = Array.from({ length: Math.ceil(ports.length / MULTIPORT_MAX) }, (_, i) =>
      ports.slice(i * MULTIPORT_MAX, (i + 1) * MULTIPORT_MAX).join(','),
    );
    return parts.map((part) => [
      ...about,
      ...['-m', 'multiport', '-p', protocol, '--destination-ports', part],
      ...conditions[family],
    ]);
  });
}

/** Whether a mapping is for this family, and whether for one address of the host only. */
export function hostAddressOf({ hostIP }: PortMapping, family: 4 | 6): { applies: boolean; isOne: boolean } {
  if (hostIP === '') return { applies: true, isOne: false };
  const ip = readIP(hostIP);
  // What is no address counts as one of IPv6.
  return { applies: (ip?.family ?? 6) === family, isOne: ip?.value !== 0n };
}

/** Marks come first: of what the pod sends itself, and of the host's loopback. */
function podRules(config: PortmapConfig, net: IPNet): string[][] {
  const { family } = net.ip;
  const mark = ['-j', config.externalSetMarkChain ?? SETMARK_CHAIN];
  const address = family === 4 ? printIP(net.ip) : `[${printIP(net.ip)}]`;
  return config.mappings.flatMap((mapping) => {
    const { applies, isOne } = hostAddressOf(mapping, family);
    if (!applies) return [];
    const { protocol, hostPort, hostIP, containerPort } = mapping;
    const base = ['-p', protocol, '--dport', String(hostPort), ...(isOne ? ['-d', hostIP] : [])];
    const sources = [
      ...(config.snat ? [config.masqAll ? EVERYWHERE[family] : printNet(net)] : []),
      ...(config.snat && !config.masqAll && family === 4 ? ['127.0.0.1'] : []),
    ];
    return [
      ...sources.map((source) => [...base, '-s', source, ...mark]),
      [...base, '-j', 'DNAT', '--to-destination', `${address}:${containerPort}`],
    ];
  });
}

const filledChain = (config: PortmapConfig, net: IPNet): Chain => ({
  ...podChain(config),
  rules: podRules(config, net),
  entryRules: entryRules(config, net.ip.family),
});

/** Throws `CNIError`. */
export function forwardByIPTables(machine: Machine, config: PortmapConfig, net: IPNet): void {
  const tables = new IPTables(machine, net.ip.family);
  if (config.snat && config.externalSetMarkChain === undefined) {
    const prefix = `unable to create chain ${SETMARK_CHAIN}`;
    wrapping(prefix, () => setUpChain(tables, setMarkChain(config.markBit)));
    wrapping(prefix, () => setUpChain(tables, masqueradeChain(config.markBit)));
  }
  wrapping('failed to create top-level DNAT chain', () => setUpChain(tables, topChain));
  wrapping('unable to setup DNAT', () => setUpChain(tables, filledChain(config, net)));
}

export function checkByIPTables(machine: Machine, config: PortmapConfig, net: IPNet): void {
  const { family } = net.ip;
  wrapping(`could not check ipv${family} dnat`, () =>
    checkChain(new IPTables(machine, family), filledChain(config, net)),
  );
}

export function unforwardByIPTables(machine: Machine, config: PortmapConfig): void {
  for (const family of [4, 6] as const)
    wrapping(`could not teardown ipv${family} dnat`, () =>
      tearDownChain(new IPTables(machine, family), podChain(config)),
    );
}
