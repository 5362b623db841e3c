/** The rules of one service port, in the order kube-proxy writes them. */
import { contains } from './addresses.ts';
import type { Categories } from './categories.ts';
import type { Endpoint } from './endpoints.ts';
import { type ChainNames, chainNames, endpointChainName } from './names.ts';
import type { ProxyState } from './proxy-state.ts';
import { type ServicePort, servicePortText, sourceRangeTexts } from './services.ts';

/** A table: the rules of each chain, without `-A CHAIN`. A chain exists once it has an entry. */
export type Table = Map<string, string[]>;

export interface IptablesContext extends Omit<ProxyState, 'ports' | 'endpoints'> {
  localhostNodePorts: boolean;
  nfacct: boolean;
  /** So many endpoints that per-endpoint rules go without comments. */
  large: boolean;
  filter: Table;
  nat: Table;
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

function append({ work }: IptablesContext, table: Table, chain: string, rule: string): void {
  work.spend(chain.length + rule.length);
  const rules = table.get(chain);
  if (rules) rules.push(rule);
  else table.set(chain, [rule]);
}

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
    append(
      context,
      context.filter,
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
    append(
      p.context,
      p.context.nat,
      'KUBE-SERVICES',
      `${quoted(`${p.text} cluster IP`)} ${match} -j ${internalChain(p)}`,
    );
  else append(p.context, p.context.filter, 'KUBE-SERVICES', refusal(p, match));
}

function writeExternalIPs(p: Port): void {
  for (const ip of p.service.externalIPs) {
    const match = destination(p, ip);
    if (p.categories.hasEndpoints)
      append(
        p.context,
        p.context.nat,
        'KUBE-SERVICES',
        `${quoted(`${p.text} external IP`)} ${match} -j ${p.chains.external}`,
      );
    if (!p.categories.hasExternal) append(p.context, p.context.filter, 'KUBE-EXTERNAL-SERVICES', refusal(p, match));
  }
}

function writeLoadBalancer(p: Port): void {
  const { filter, nat } = p.context;
  const guarded = firewalled(p);
  for (const ip of p.service.loadBalancerVIPs) {
    const match = destination(p, ip);
    if (p.categories.hasEndpoints) {
      const target = guarded ? p.chains.firewall : p.chains.external;
      append(p.context, nat, 'KUBE-SERVICES', `${quoted(`${p.text} loadbalancer IP`)} ${match} -j ${target}`);
    }
    if (guarded) {
      const note = quoted(`${p.text} traffic not accepted by ${p.chains.firewall}`);
      append(p.context, filter, 'KUBE-PROXY-FIREWALL', `${note} ${match} -j DROP`);
    }
  }
  if (p.categories.hasExternal) return;
  for (const ip of p.service.loadBalancerVIPs)
    append(p.context, filter, 'KUBE-EXTERNAL-SERVICES', refusal(p, destination(p, ip)));
}

function writeNodePort(p: Port): void {
  const { context, service, categories } = p;
  if (!service.nodePort) return;
  if (categories.hasEndpoints) {
    const start = `-m comment --comment ${p.text} ${p.protocol}`;
    const target = `-j ${p.chains.external}`;
    if (context.localhostNodePorts && context.family === 'IPv4' && context.nfacct)
      append(
        context,
        context.nat,
        'KUBE-NODEPORTS',
        `${start} -d 127.0.0.0/8 --dport ${service.nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts ${target}`,
      );
    append(context, context.nat, 'KUBE-NODEPORTS', `${start} --dport ${service.nodePort} ${target}`);
  }
  if (!categories.hasExternal) {
    const match = `-m addrtype --dst-type LOCAL ${p.protocol} --dport ${service.nodePort}`;
    append(context, context.filter, 'KUBE-EXTERNAL-SERVICES', refusal(p, match));
  }
}

/** Traffic to the cluster IP from outside the cluster must come back through this node. */
function writeInternalMasquerade(p: Port): void {
  const { context } = p;
  if (!p.categories.hasInternal) return;
  if (!context.masqueradeAll && !context.clusterCIDR) return;
  const source = context.masqueradeAll ? '' : ` ! -s ${context.clusterCIDR}`;
  const match = destination(p, p.service.clusterIP);
  append(
    context,
    context.nat,
    internalChain(p),
    `${quoted(`${p.text} cluster IP`)} ${match}${source} -j KUBE-MARK-MASQ`,
  );
}

function writeExternalChain(p: Port): void {
  const { nat, clusterCIDR } = p.context;
  const chain = p.chains.external;
  const about = (what: string): string => quoted(`${what} for ${p.text} external destinations`);
  if (!p.service.externalPolicyLocal) {
    append(p.context, nat, chain, `${about('masquerade traffic')} -j KUBE-MARK-MASQ`);
  } else {
    if (clusterCIDR) append(p.context, nat, chain, `${about('pod traffic')} -s ${clusterCIDR} -j ${p.chains.cluster}`);
    append(
      p.context,
      nat,
      chain,
      `${about('masquerade LOCAL traffic')} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    );
    append(
      p.context,
      nat,
      chain,
      `${about('route LOCAL traffic')} -m addrtype --src-type LOCAL -j ${p.chains.cluster}`,
    );
  }
  if (p.categories.hasExternal) append(p.context, nat, chain, `-j ${externalTarget(p)}`);
}

function writeFirewallChain(p: Port): void {
  const { nat, nodeIP } = p.context;
  const note = quoted(`${p.text} loadbalancer IP`);
  const sources = sourceRangeTexts(p.service);
  if (nodeIP && p.service.sourceRanges.some((range) => contains(range, nodeIP)))
    sources.push(...p.service.loadBalancerVIPs);
  for (const source of sources)
    append(p.context, nat, p.chains.firewall, `${note} -s ${source} -j ${p.chains.external}`);
  append(
    p.context,
    nat,
    p.chains.firewall,
    quoted(`other traffic to ${p.text} will be dropped by KUBE-PROXY-FIREWALL`),
  );
}

function writeEndpoints(p: Port): void {
  const { service, categories } = p;
  if (categories.cluster.length > 0 && service.usesCluster) writeBalancing(p, p.chains.cluster, categories.cluster);
  if (categories.local.length > 0 && service.usesLocal) writeBalancing(p, p.chains.local, categories.local);
  const note = p.context.large ? '' : `-m comment --comment ${p.text} `;
  for (const endpoint of categories.reachable) {
    const chain = endpointChainName(service, endpoint.text);
    const recent = service.affinitySeconds ? `-m recent --name ${chain} --set ` : '';
    append(p.context, p.context.nat, chain, `${note}-s ${endpoint.ip} -j KUBE-MARK-MASQ`);
    append(p.context, p.context.nat, chain, `${note}${recent}${p.protocol} -j DNAT --to-destination ${endpoint.text}`);
  }
}

function writeBalancing(p: Port, chain: string, endpoints: Endpoint[]): void {
  const { nat, large } = p.context;
  const targets = endpoints.map((endpoint) => ({
    chain: endpointChainName(p.service, endpoint.text),
    note: large ? '' : `${quoted(`${p.text} -> ${endpoint.text}`)} `,
  }));
  if (p.service.affinitySeconds)
    for (const t of targets)
      append(
        p.context,
        nat,
        chain,
        `${t.note}-m recent --name ${t.chain} --rcheck --seconds ${p.service.affinitySeconds} --reap -j ${t.chain}`,
      );
  targets.forEach((t, i) => {
    const left = targets.length - i;
    const chance = left > 1 ? `-m statistic --mode random --probability ${probability(left)} ` : '';
    append(p.context, nat, chain, `${t.note}${chance}-j ${t.chain}`);
  });
}

/** 1/n with ten decimals; a tie between two decimals goes to the even digit, as in Go. */
function probability(n: number): string {
  const scaled = 1e10 / n;
  const floor = Math.floor(scaled);
  const tie = scaled - floor === 0.5 && floor % 2 === 0;
  return tie ? (floor / 1e10).toFixed(10) : (1 / n).toFixed(10);
}
