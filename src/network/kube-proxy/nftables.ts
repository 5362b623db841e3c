/** kube-proxy in nftables mode: the table it writes on a node. Source: the behaviour of kube-proxy v1.37. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { cidrsOf, formatCIDR } from './addresses.ts';
import type { ProxyInput } from './input.ts';
import { type NftablesContext, writeNftablesPort } from './nftables-rules.ts';
import { NftablesTable } from './nftables-table.ts';
import { type ProxyState, proxyState } from './proxy-state.ts';

export interface NftablesOutput {
  ruleset: string;
}

/** Throws `WorkExceeded` when there is more to write than `work` lets it. */
export function nftables(input: ProxyInput, work?: WorkBudget): NftablesOutput {
  const state = proxyState(input, work);
  const ip = state.family === 'IPv6' ? 'ip6' : 'ip';
  const context: NftablesContext = { ...state, ip, table: new NftablesTable(ip, 'kube-proxy', state.work) };
  writeObjects(context);
  writeJumps(context);
  writeChecks(context, cidrsOf(input.serviceCIDRs, state.family).map(formatCIDR));
  writeServices(context);
  for (const { service, categories } of state.ports) writeNftablesPort(context, service, categories);
  return { ruleset: context.table.text('rules for kube-proxy') };
}

const BASE_CHAINS: [name: string, properties: string][] = [
  ['filter-prerouting-pre-dnat', 'type filter hook prerouting priority -110 ;'],
  ['filter-output-pre-dnat', 'type filter hook output priority -110 ;'],
  ['filter-input', 'type filter hook input priority 0 ;'],
  ['filter-forward', 'type filter hook forward priority 0 ;'],
  ['filter-output', 'type filter hook output priority 0 ;'],
  ['nat-prerouting', 'type nat hook prerouting priority -100 ;'],
  ['nat-output', 'type nat hook output priority -100 ;'],
  ['nat-postrouting', 'type nat hook postrouting priority 100 ;'],
  ['reject-chain', 'comment "helper for @no-endpoint-services / @no-endpoint-nodeports" ;'],
];

function writeObjects({ table, ip, nodePorts }: NftablesContext): void {
  for (const [name, properties] of BASE_CHAINS) table.chain(name, properties);
  const address = ip === 'ip6' ? 'ipv6_addr' : 'ipv4_addr';
  const about = (type: string, comment: string): string => `type ${type} ; comment "${comment}" ;`;
  const target = `${address} . inet_proto . inet_service : verdict`;
  const port = 'inet_proto . inet_service : verdict';
  table.set('cluster-ips', about(address, 'Active ClusterIPs'));
  table.set(
    'hairpin-connections',
    about(`${address} . ${address} . inet_proto . inet_service`, 'service hairpin connections'),
  );
  if (!nodePorts.all) table.set('nodeport-ips', about(address, 'IPs that accept NodePort traffic'));
  table.map('firewall-ips', about(target, 'destinations that are subject to LoadBalancerSourceRanges'));
  const refused = (what: string): string => `vmap to drop or reject packets to ${what} with no endpoints`;
  table.map('no-endpoint-nodeports', about(port, refused('service nodeports')));
  table.map('no-endpoint-services', about(target, refused('services')));
  table.map('service-ips', about(target, 'ClusterIP, ExternalIP and LoadBalancer IP traffic'));
  table.map('service-nodeports', about(port, 'NodePort traffic'));
}

const JUMPS: [chain: string, targets: string[]][] = [
  ['filter-input', ['nodeport-endpoints-check', 'service-endpoints-check']],
  ['filter-forward', ['service-endpoints-check', 'cluster-ips-check']],
  ['filter-output', ['service-endpoints-check', 'cluster-ips-check']],
  ['filter-prerouting-pre-dnat', ['firewall-check']],
  ['filter-output-pre-dnat', ['firewall-check']],
];

function writeJumps({ table }: NftablesContext): void {
  for (const [chain, targets] of JUMPS) for (const target of targets) table.rule(chain, `ct state new jump ${target}`);
  table.rule('nat-output', 'jump services');
  table.rule('nat-prerouting', 'jump services');
  table.rule('nat-postrouting', 'jump masquerading');
}

function writeChecks({ table, ip, mark, ...context }: NftablesContext, serviceCIDRs: string[]): void {
  table.rule('reject-chain', 'reject');
  table.rule(
    'cluster-ips-check',
    `${ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"`,
  );
  if (serviceCIDRs.length > 0)
    table.rule(
      'cluster-ips-check',
      `${ip} daddr { ${serviceCIDRs.join(',')} } drop comment "Drop traffic to unallocated ClusterIPs"`,
    );
  const target = `${ip} daddr . meta l4proto . th dport`;
  table.rule('firewall-check', `${target} vmap @firewall-ips`);
  table.rule('service-endpoints-check', `${target} vmap @no-endpoint-services`);
  const own = nodePortMatch({ ip, nodePorts: context.nodePorts });
  table.rule('nodeport-endpoints-check', `${own} meta l4proto . th dport vmap @no-endpoint-nodeports`);
  table.rule('masquerading', `mark and ${mark} != 0 mark set mark xor ${mark} masquerade fully-random`);
  table.rule(
    'masquerading',
    `ct status dnat ${ip} saddr . ${ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random`,
  );
}

/** Where node ports answer: anywhere but on loopback, or on the chosen addresses. */
const nodePortMatch = ({ ip, nodePorts }: Pick<NftablesContext, 'ip'> & Pick<ProxyState, 'nodePorts'>): string =>
  nodePorts.all ? `${ip} daddr != ${ip === 'ip6' ? '::1' : '127.0.0.0/8'}` : `${ip} daddr @nodeport-ips`;

function writeServices(context: NftablesContext): void {
  const { table, ip, mark, nodePorts } = context;
  const mask = `mark set mark or ${mark} comment`;
  if (context.masqueradeAll)
    table.rule('services', `${ip} daddr @cluster-ips ${mask} "masquerade all clusterIP traffic"`);
  else if (context.clusterCIDR)
    table.rule(
      'services',
      `${ip} daddr @cluster-ips ${ip} saddr != ${context.clusterCIDR} ${mask} "masquerade clusterIP traffic from outside cluster"`,
    );
  table.rule('services', `${ip} daddr . meta l4proto . th dport vmap @service-ips`);
  const local = nodePorts.all ? 'fib daddr type local ' : '';
  table.rule('services', `${local}${nodePortMatch(context)} meta l4proto . th dport vmap @service-nodeports`);
  if (nodePorts.all) return;
  for (const address of nodePorts.ips) if (!isLoopback(address)) table.element('nodeport-ips', address);
}

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');
