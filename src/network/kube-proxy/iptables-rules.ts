/** The rules of one service port, in the order kube-proxy writes them. */
import { contains } from './addresses.ts';
import type { Categories } from './categories.ts';
import type { Endpoint } from './endpoints.ts';
import type { IptablesTable } from './iptables-table.ts';
import { type ChainNames, chainNames, endpointChains } from './names.ts';
import type { ProxyState } from './proxy-state.ts';
import { type ServicePort, servicePortText, sourceRangeTexts } from './services.ts';

export interface IptablesContext extends Omit<ProxyState, 'ports' | 'endpoints'> {
  localhostNodePorts: boolean;
  nfacct: boolean;
  /** So many endpoints that per-endpoint rules go without comments. */
  large: boolean;
  filter: IptablesTable;
  nat: IptablesTable;
}

interface Port {
  context: IptablesContext;
  service: ServicePort;
  categories: Categories;
  chains: ChainNames;
  /** `namespace/name:port`. */
  text: string;
  /** `-m tcp -p tcp`. */
  protocol: string;
}

const quoted = (text: string): string => `-m comment --comment "${text}"`;

export function writeServicePort(context: IptablesContext, service: ServicePort, categories: Categories): void {
  const protocol = service.protocol.toLowerCase();
  const p: Port = {
    context,
    service,
    categories,
    chains: chainNames(service),
    text: servicePortText(service),
    protocol: `-m ${protocol} -p ${protocol}`,
  };
  writeClusterIP(p);
  writeExternalIPs(p);
  writeLoadBalancer(p);
  writeNodePort(p);
  if (service.healthCheckNodePort)
    context.filter.append(
      'KUBE-NODEPORTS',
      `${quoted(`${p.text} health check node port`)} -m tcp -p tcp --dport ${service.healthCheckNodePort} -j ACCEPT`,
    );
  writeInternalMasquerade(p);
  if (categories.hasEndpoints && service.externallyAccessible) writeExternalChain(p);
  if (firewalled(p)) writeFirewallChain(p);
  writeEndpoints(p);
}

/** `-m tcp -p tcp -d IP --dport PORT`. */
const destination = (p: Port, ip: string): string => `${p.protocol} -d ${ip} --dport ${p.service.port}`;

const firewalled = ({ service, categories }: Port): boolean =>
  categories.hasEndpoints && service.loadBalancerVIPs.length > 0 && service.sourceRanges.length > 0;

/** What refuses traffic that finds no endpoint: the comment, the match and REJECT or DROP. */
function refusal(p: Port, match: string): string {
  return p.categories.hasEndpoints
    ? `${quoted(`${p.text} has no local endpoints`)} ${match} -j DROP`
    : `${quoted(`${p.text} has no endpoints`)} ${match} -j REJECT`;
}

const internalChain = (p: Port): string => (p.service.internalPolicyLocal ? p.chains.local : p.chains.cluster);
const externalTarget = (p: Port): string => (p.service.externalPolicyLocal ? p.chains.local : p.chains.cluster);

function writeClusterIP(p: Port): void {
  const match = destination(p, p.service.clusterIP);
  if (p.categories.hasInternal)
    p.context.nat.append('KUBE-SERVICES', `${quoted(`${p.text} cluster IP`)} ${match} -j ${internalChain(p)}`);
  else p.context.filter.append('KUBE-SERVICES', refusal(p, match));
}

function writeExternalIPs(p: Port): void {
  for (const ip of p.service.externalIPs) {
    const match = destination(p, ip);
    if (p.categories.hasEndpoints)
      p.context.nat.append('KUBE-SERVICES', `${quoted(`${p.text} external IP`)} ${match} -j ${p.chains.external}`);
    if (!p.categories.hasExternal) p.context.filter.append('KUBE-EXTERNAL-SERVICES', refusal(p, match));
  }
}

function writeLoadBalancer(p: Port): void {
  const { filter, nat } = p.context;
  const guarded = firewalled(p);
  for (const ip of p.service.loadBalancerVIPs) {
    const match = destination(p, ip);
    if (p.categories.hasEndpoints) {
      const target = guarded ? p.chains.firewall : p.chains.external;
      nat.append('KUBE-SERVICES', `${quoted(`${p.text} loadbalancer IP`)} ${match} -j ${target}`);
    }
    if (guarded) {
      const note = quoted(`${p.text} traffic not accepted by ${p.chains.firewall}`);
      filter.append('KUBE-PROXY-FIREWALL', `${note} ${match} -j DROP`);
    }
  }
  if (p.categories.hasExternal) return;
  for (const ip of p.service.loadBalancerVIPs) filter.append('KUBE-EXTERNAL-SERVICES', refusal(p, destination(p, ip)));
}

function writeNodePort(p: Port): void {
  const { context, service, categories } = p;
  if (!service.nodePort) return;
  if (categories.hasEndpoints) {
    const start = `-m comment --comment ${p.text} ${p.protocol}`;
    const target = `-j ${p.chains.external}`;
    if (context.localhostNodePorts && context.family === 'IPv4' && context.nfacct)
      context.nat.append(
        'KUBE-NODEPORTS',
        `${start} -d 127.0.0.0/8 --dport ${service.nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts ${target}`,
      );
    context.nat.append('KUBE-NODEPORTS', `${start} --dport ${service.nodePort} ${target}`);
  }
  if (!categories.hasExternal) {
    const match = `-m addrtype --dst-type LOCAL ${p.protocol} --dport ${service.nodePort}`;
    context.filter.append('KUBE-EXTERNAL-SERVICES', refusal(p, match));
  }
}

/** Traffic to the cluster IP from outside the cluster must come back through this node. */
function writeInternalMasquerade(p: Port): void {
  const { context } = p;
  if (!p.categories.hasInternal) return;
  if (!context.masqueradeAll && !context.clusterCIDR) return;
  const source = context.masqueradeAll ? '' : ` ! -s ${context.clusterCIDR}`;
  const match = destination(p, p.service.clusterIP);
  context.nat.append(internalChain(p), `${quoted(`${p.text} cluster IP`)} ${match}${source} -j KUBE-MARK-MASQ`);
}

function writeExternalChain(p: Port): void {
  const { nat, clusterCIDR } = p.context;
  const chain = p.chains.external;
  const about = (what: string): string => quoted(`${what} for ${p.text} external destinations`);
  if (!p.service.externalPolicyLocal) {
    nat.append(chain, `${about('masquerade traffic')} -j KUBE-MARK-MASQ`);
  } else {
    if (clusterCIDR) nat.append(chain, `${about('pod traffic')} -s ${clusterCIDR} -j ${p.chains.cluster}`);
    nat.append(chain, `${about('masquerade LOCAL traffic')} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`);
    nat.append(chain, `${about('route LOCAL traffic')} -m addrtype --src-type LOCAL -j ${p.chains.cluster}`);
  }
  if (p.categories.hasExternal) nat.append(chain, `-j ${externalTarget(p)}`);
}

function writeFirewallChain(p: Port): void {
  const { nat, nodeIP } = p.context;
  const note = quoted(`${p.text} loadbalancer IP`);
  const sources = sourceRangeTexts(p.service);
  if (nodeIP && p.service.sourceRanges.some((range) => contains(range, nodeIP)))
    sources.push(...p.service.loadBalancerVIPs);
  for (const source of sources) nat.append(p.chains.firewall, `${note} -s ${source} -j ${p.chains.external}`);
  nat.append(p.chains.firewall, quoted(`other traffic to ${p.text} will be dropped by KUBE-PROXY-FIREWALL`));
}

function writeEndpoints(p: Port): void {
  const { service, categories } = p;
  const { nat, large } = p.context;
  const { cluster, local, reachable } = categories;
  const chainOf = endpointChains(service, [...reachable, ...cluster, ...local]);
  if (cluster.length > 0 && service.usesCluster) writeBalancing(p, p.chains.cluster, cluster, chainOf);
  if (local.length > 0 && service.usesLocal) writeBalancing(p, p.chains.local, local, chainOf);
  const note = large ? '' : `-m comment --comment ${p.text} `;
  for (const { ip, text } of reachable) {
    const chain = chainOf.get(text)!;
    const recent = service.affinitySeconds ? `-m recent --name ${chain} --set ` : '';
    nat.append(chain, `${note}-s ${ip} -j KUBE-MARK-MASQ`);
    nat.append(chain, `${note}${recent}${p.protocol} -j DNAT --to-destination ${text}`);
  }
}

function writeBalancing(p: Port, chain: string, endpoints: Endpoint[], chainOf: ReadonlyMap<string, string>): void {
  const { nat, large } = p.context;
  const { affinitySeconds } = p.service;
  const noteOf = ({ text }: Endpoint): string => (large ? '' : `${quoted(`${p.text} -> ${text}`)} `);
  if (affinitySeconds)
    for (const endpoint of endpoints) {
      const target = chainOf.get(endpoint.text)!;
      const known = `-m recent --name ${target} --rcheck --seconds ${affinitySeconds} --reap`;
      nat.append(chain, `${noteOf(endpoint)}${known} -j ${target}`);
    }
  endpoints.forEach((endpoint, i) => {
    const left = endpoints.length - i;
    const chance = left > 1 ? `-m statistic --mode random --probability ${probability(left)} ` : '';
    nat.append(chain, `${noteOf(endpoint)}${chance}-j ${chainOf.get(endpoint.text)}`);
  });
}

/** 1/n with ten decimals; a tie between two decimals goes to the even digit, as in Go. */
function probability(n: number): string {
  const scaled = 1e10 / n;
  const floor = Math.floor(scaled);
  const tie = scaled - floor === 0.5 && floor % 2 === 0;
  return tie ? (floor / 1e10).toFixed(10) : (1 / n).toFixed(10);
}
