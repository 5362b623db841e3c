/** What one service port adds to the nftables table. */
import { contains } from './addresses.ts';
import type { Categories } from './categories.ts';
import type { Endpoint } from './endpoints.ts';
import { elementComment, endpointNames, type NftablesNames, nftablesNames } from './nftables-names.ts';
import type { NftablesTable } from './nftables-table.ts';
import type { ProxyState } from './proxy-state.ts';
import { type ServicePort, servicePortText, sourceRangeTexts } from './services.ts';

export interface NftablesContext extends Omit<ProxyState, 'ports' | 'endpoints'> {
  ip: 'ip' | 'ip6';
  table: NftablesTable;
}

interface Port {
  context: NftablesContext;
  service: ServicePort;
  categories: Categories;
  names: NftablesNames;
  protocol: string;
}

export function writeNftablesPort(context: NftablesContext, service: ServicePort, categories: Categories): void {
  const p: Port = {
    context,
    service,
    categories,
    names: nftablesNames(service),
    protocol: service.protocol.toLowerCase(),
  };
  writeClusterIP(p);
  for (const ip of [...service.externalIPs, ...service.loadBalancerVIPs]) writeExternalIP(p, ip);
  writeNodePort(p);
  if (service.loadBalancerVIPs.length > 0 && service.sourceRanges.length > 0) writeFirewall(p);
  if (categories.hasEndpoints && service.externallyAccessible) writeExternalChain(p);
  if (categories.cluster.length > 0 && service.usesCluster) writeBalancing(p, p.names.cluster, categories.cluster);
  if (categories.local.length > 0 && service.usesLocal) writeBalancing(p, p.names.local, categories.local);
  for (const endpoint of categories.reachable) writeEndpoint(p, endpoint);
}

const destination = (p: Port, ip: string): string => `${ip} . ${p.protocol} . ${p.service.port}`;

/** An element that refuses what finds no endpoint. */
function refusal(p: Port, key: string): string {
  const verdict = p.categories.hasEndpoints ? 'drop' : 'goto reject-chain';
  return `${key} comment "${elementComment(servicePortText(p.service))}" : ${verdict}`;
}

function writeClusterIP(p: Port): void {
  const { table } = p.context;
  const key = destination(p, p.service.clusterIP);
  table.element('cluster-ips', p.service.clusterIP);
  const chain = p.service.internalPolicyLocal ? p.names.local : p.names.cluster;
  if (p.categories.hasInternal) table.element('service-ips', `${key} : goto ${chain}`);
  else table.element('no-endpoint-services', refusal(p, key));
}

function writeExternalIP(p: Port, ip: string): void {
  const { table } = p.context;
  const key = destination(p, ip);
  if (p.categories.hasEndpoints) table.element('service-ips', `${key} : goto ${p.names.external}`);
  if (!p.categories.hasExternal) table.element('no-endpoint-services', refusal(p, key));
}

function writeNodePort(p: Port): void {
  const { table } = p.context;
  if (!p.service.nodePort) return;
  const key = `${p.protocol} . ${p.service.nodePort}`;
  if (p.categories.hasEndpoints) table.element('service-nodeports', `${key} : goto ${p.names.external}`);
  if (!p.categories.hasExternal) table.element('no-endpoint-nodeports', refusal(p, key));
}

function writeFirewall(p: Port): void {
  const { table, ip, nodeIP } = p.context;
  const { loadBalancerVIPs, sourceRanges } = p.service;
  for (const vip of loadBalancerVIPs)
    table.element('firewall-ips', `${destination(p, vip)} : goto ${p.names.firewall}`);
  const sources = sourceRangeTexts(p.service);
  if (nodeIP && sourceRanges.some((range) => contains(range, nodeIP))) sources.push(...loadBalancerVIPs);
  table.rule(p.names.firewall, `${ip} saddr != { ${sources.join(' , ')} } drop`);
}

function writeExternalChain(p: Port): void {
  const { table, ip, mark, clusterCIDR } = p.context;
  const { external, cluster, local } = p.names;
  if (!p.service.externalPolicyLocal) {
    table.rule(external, `mark set mark or ${mark} comment "masquerade"`);
  } else {
    if (clusterCIDR)
      table.rule(external, `${ip} saddr ${clusterCIDR} goto ${cluster} comment "short-circuit pod traffic"`);
    table.rule(external, `fib saddr type local mark set mark or ${mark} comment "masquerade local traffic"`);
    table.rule(external, `fib saddr type local goto ${cluster} comment "short-circuit local traffic"`);
  }
  if (p.categories.hasExternal) table.rule(external, `goto ${p.service.externalPolicyLocal ? local : cluster}`);
}

function writeBalancing(p: Port, chain: string, endpoints: Endpoint[]): void {
  const { table, ip } = p.context;
  if (p.service.affinitySeconds) {
    const names = endpoints.map((e) => endpointNames(p.service, e));
    for (const n of names) table.rule(chain, `${ip} saddr @${n.affinity} goto ${n.chain}`);
    const targets = names.map((n, i) => `${i} : goto ${n.chain}`).join(' , ');
    table.rule(chain, `numgen random mod ${names.length} vmap { ${targets} }`);
    return;
  }
  const [only, ...others] = endpoints;
  if (only && others.length === 0) {
    table.rule(chain, `meta l4proto ${p.protocol} dnat to ${only.text}`);
    return;
  }
  const targets = endpoints.map((e, i) => `${i} : ${e.ip} . ${e.port}`).join(' , ');
  table.rule(
    chain,
    `meta l4proto ${p.protocol} dnat ${ip} addr . port to numgen random mod ${endpoints.length} map { ${targets} }`,
  );
}

function writeEndpoint(p: Port, endpoint: Endpoint): void {
  const { table, ip } = p.context;
  if (endpoint.local)
    table.element('hairpin-connections', `${endpoint.ip} . ${endpoint.ip} . ${p.protocol} . ${endpoint.port}`);
  if (!p.service.affinitySeconds) return;
  const { chain, affinity } = endpointNames(p.service, endpoint);
  const type = ip === 'ip6' ? 'ipv6_addr' : 'ipv4_addr';
  table.set(affinity, `type ${type} ; flags dynamic,timeout ; timeout ${p.service.affinitySeconds}s ;`);
  table.rule(chain, `update @${affinity} { ${ip} saddr }`);
  table.rule(chain, `meta l4proto ${p.protocol} dnat to ${endpoint.text}`);
}
