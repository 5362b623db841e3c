/** Port mappings as rules of nftables. Source: containernetworking/plugins plugins/meta/portmap/portmap_nftables.go. */
import { EVERYWHERE, type IPNet, printIP, readIP } from '../../ip-addresses.ts';
import { MAX_PORT } from '../../packet/packet.ts';
import { fail } from '../errors.ts';
import { ConditionRefused, printConditions } from '../kernel/nft-conditions.ts';
import { commentOf, type NftChain, NftTransaction, noSuchChain } from '../kernel/nftables.ts';
import type { Machine } from '../machine.ts';
import type { PortMapping, PortmapConfig } from './portmap-config.ts';
import { hostAddressOf } from './portmap-iptables.ts';

const TABLE = 'cni_hostport';
const HOST_PORTS = 'hostports';
/** Of releases before; it is still there. */
const HOST_IP_PORTS = 'hostip_hostports';
const ALL = 'hostports_all';
const MASQUERADING = 'masquerading';
export const MAX_NFT_COMMENT = 128;

const PROTOCOLS = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite']);
const FAMILY = { 4: 'ip', 6: 'ip6' } as const;

const open = (machine: Machine, family: 4 | 6): NftTransaction => new NftTransaction(machine, FAMILY[family], TABLE);

const hook = (name: string, priority: string): string => `type nat hook ${name} priority ${priority}; policy accept;`;

/** The program refuses a whole transaction for one line. */
function refuse(why: string, line: string): never {
  return fail(`unable to set up nftables rules for port mappings: /dev/stdin: Error: ${why}\n${line}\n`);
}

function mappingRule(mapping: PortMapping, net: IPNet): string | undefined {
  const { family } = net.ip;
  const { applies, isOne } = hostAddressOf(mapping, family);
  if (!applies) return undefined;
  const { protocol, hostPort, containerPort, hostIP } = mapping;
  const address = family === 4 ? printIP(net.ip) : `[${printIP(net.ip)}]`;
  const ip = isOne ? readIP(hostIP) : undefined;
  const daddr = isOne ? `${FAMILY[family]} daddr ${ip ? printIP(ip) : hostIP} ` : '';
  const rule = `${daddr}${protocol} dport ${hostPort} dnat to ${address}:${containerPort}`;
  const line = `add rule ${FAMILY[family]} ${TABLE} ${HOST_PORTS} ${rule}`;
  if (!PROTOCOLS.has(protocol)) refuse('syntax error, unexpected string', line);
  if (hostPort > MAX_PORT || containerPort > MAX_PORT) refuse('Service out of range', line);
  if (isOne && !ip) refuse('Could not resolve hostname: Name or service not known', line);
  return rule;
}

function printedConditions({ conditions }: PortmapConfig, family: 4 | 6): string {
  try {
    return printConditions(conditions[family], family);
  } catch (error) {
    if (!(error instanceof ConditionRefused)) throw error;
    return refuse(error.message, `add rule ${FAMILY[family]} ${TABLE} prerouting ${conditions[family].join(' ')}`);
  }
}

function masqueradeRules({ masqAll }: PortmapConfig, { ip }: IPNet): string[] {
  const word = FAMILY[ip.family];
  const address = printIP(ip);
  const sources = masqAll ? [EVERYWHERE[ip.family]] : [address, ...(ip.family === 4 ? ['127.0.0.1'] : [])];
  return sources.map((source) => `${word} saddr ${source} ${word} daddr ${address} masquerade`);
}

/** Chains that hold rules of their own are written anew. */
function refill(nft: NftTransaction, chain: NftChain, rules: readonly string[]): void {
  chain.rules = [];
  for (const rule of rules) nft.add(chain, rule);
}

/** Throws `CNIError`; nothing is changed then. */
export function forwardByNFTables(machine: Machine, config: PortmapConfig, net: IPNet): void {
  const { family } = net.ip;
  const rules = config.mappings.flatMap((mapping) => mappingRule(mapping, net) ?? []);
  const conditions = printedConditions(config, family);
  if (rules.length > 0 && config.containerID.length > MAX_NFT_COMMENT)
    refuse(`comment too long, ${MAX_NFT_COMMENT} characters maximum allowed`, config.containerID);
  const nft = open(machine, family);
  nft.ensureTable('CNI portmap plugin');
  const hostPorts = nft.ensureChain(HOST_PORTS);
  nft.ensureChain(HOST_IP_PORTS);
  refill(nft, nft.ensureChain(ALL), [`jump ${HOST_IP_PORTS}`, `jump ${HOST_PORTS}`]);
  const entry = `${conditions === '' ? '' : `${conditions} `}fib daddr type local jump ${ALL}`;
  refill(nft, nft.ensureChain('prerouting', hook('prerouting', 'dstnat')), [entry]);
  refill(nft, nft.ensureChain('output', hook('output', '-100')), [entry]);
  const masquerading = config.snat ? nft.ensureChain(MASQUERADING, hook('postrouting', 'srcnat')) : undefined;
  for (const rule of rules) nft.add(hostPorts, rule, config.containerID);
  if (masquerading) for (const rule of masqueradeRules(config, net)) nft.add(masquerading, rule, config.containerID);
  nft.commit();
}

function checkRules(nft: NftTransaction, family: 4 | 6, name: string, containerID: string, wanted: number): void {
  if (wanted === 0) return;
  const chain = nft.chain(name) ?? fail(noSuchChain(FAMILY[family], TABLE, name, nft.table !== undefined));
  const found = chain.rules.filter((rule) => commentOf(rule) === containerID).length;
  if (found < wanted) fail(`missing hostport rules in "${name}" chain`);
}

export function checkByNFTables(machine: Machine, config: PortmapConfig, net: IPNet): void {
  const { family } = net.ip;
  const nft = open(machine, family);
  const mapped = config.mappings.filter((mapping) => hostAddressOf(mapping, family).applies).length;
  checkRules(nft, family, HOST_PORTS, config.containerID, mapped);
  const masqueraded = config.snat ? masqueradeRules(config, net).length : 0;
  checkRules(nft, family, MASQUERADING, config.containerID, masqueraded);
}

export function unforwardByNFTables(machine: Machine, { containerID }: PortmapConfig): void {
  for (const family of [4, 6] as const) {
    const nft = open(machine, family);
    for (const name of [HOST_PORTS, HOST_IP_PORTS, MASQUERADING]) {
      const chain = nft.chain(name);
      if (chain) chain.rules = chain.rules.filter((rule) => commentOf(rule) !== containerID);
    }
    nft.commit();
  }
}
