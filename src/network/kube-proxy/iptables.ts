/** kube-proxy in iptables mode: the two tables it writes on a node. Source: the behaviour of kube-proxy v1.37. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import type { ProxyInput } from './input.ts';
import { type IptablesContext, writeServicePort } from './iptables-rules.ts';
import { tableText } from './order.ts';
import { proxyState } from './proxy-state.ts';

export interface IptablesOutput {
  filter: string;
  nat: string;
}

/** Above this many endpoints the per-endpoint rules lose their comments. */
const LARGE_CLUSTER_ENDPOINTS = 1000;

/**
 * `others`: rules of nat that somebody else has there, by their chains. Throws `WorkExceeded` when there is more to write than `work` lets
 * it.
 */
export function iptables(
  input: ProxyInput,
  work?: WorkBudget,
  others: Readonly<Record<string, readonly string[]>> = {},
): IptablesOutput {
  const state = proxyState(input, work);
  const context: IptablesContext = {
    ...state,
    localhostNodePorts: (input.localhostNodePorts ?? true) && state.nodePorts.coversIPv4Loopback,
    nfacct: input.nfacct ?? false,
    large: state.endpoints > LARGE_CLUSTER_ENDPOINTS,
    filter: new Map(),
    nat: new Map(),
  };
  writeFixedFilter(context, input.conntrackTCPLiberal ?? false);
  writeFixedNat(context);
  for (const { service, categories } of state.ports) writeServicePort(context, service, categories);
  writeNodePortsJump(context);
  addOthers(context.nat, others);
  return { filter: tableText('filter', context.filter), nat: tableText('nat', context.nat) };
}

/** Who wants sources translated stands first, as CNI's plugins do; all others come after kube-proxy. */
function addOthers(nat: Map<string, string[]>, others: Readonly<Record<string, readonly string[]>>): void {
  for (const [chain, rules] of Object.entries(others)) {
    const own = nat.get(chain) ?? [];
    nat.set(chain, chain === 'POSTROUTING' ? [...rules, ...own] : [...own, ...rules]);
  }
}

const NEW = '-m conntrack --ctstate NEW ';
const comment = (text: string): string => `-m comment --comment "${text}"`;
const PORTALS = comment('kubernetes service portals');
const EXTERNAL = `${NEW}${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`;
const FIREWALL = `${NEW}${comment('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`;

function writeFixedFilter(context: IptablesContext, tcpLiberal: boolean): void {
  const { filter, mark } = context;
  filter.set('INPUT', [
    '-j KUBE-FIREWALL',
    FIREWALL,
    `${comment('kubernetes health check service ports')} -j KUBE-NODEPORTS`,
    EXTERNAL,
  ]);
  filter.set('FORWARD', [
    FIREWALL,
    `${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`,
    `${NEW}${PORTALS} -j KUBE-SERVICES`,
    EXTERNAL,
  ]);
  filter.set('OUTPUT', ['-j KUBE-FIREWALL', FIREWALL, `${NEW}${PORTALS} -j KUBE-SERVICES`]);
  for (const chain of ['KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL', 'KUBE-SERVICES'])
    filter.set(chain, []);
  filter.set(
    'KUBE-FIREWALL',
    context.family === 'IPv4' && context.localhostNodePorts
      ? [
          `${comment('block incoming localnet connections')} -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
        ]
      : [],
  );
  const counter = context.nfacct ? ' -m nfacct --nfacct-name ct_state_invalid_dropped_pkts' : '';
  filter.set('KUBE-FORWARD', [
    ...(tcpLiberal ? [] : [`-m conntrack --ctstate INVALID${counter} -j DROP`]),
    `${comment('kubernetes forwarding rules')} -m mark --mark ${mark}/${mark} -j ACCEPT`,
    `${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  ]);
}

function writeFixedNat({ nat, mark }: IptablesContext): void {
  nat.set('INPUT', []);
  nat.set('OUTPUT', [`${PORTALS} -j KUBE-SERVICES`]);
  nat.set('PREROUTING', [`${PORTALS} -j KUBE-SERVICES`]);
  nat.set('POSTROUTING', [`${comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING`]);
  nat.set('KUBE-MARK-MASQ', [`-j MARK --or-mark ${mark}`]);
  nat.set('KUBE-POSTROUTING', [
    `-m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-j MARK --xor-mark ${mark}`,
    `${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
  ]);
  nat.set('KUBE-NODEPORTS', []);
  nat.set('KUBE-SERVICES', []);
}

/** The last rules of nat's KUBE-SERVICES: what is for this node's own addresses may be a node port. */
function writeNodePortsJump(context: IptablesContext): void {
  const rules = context.nat.get('KUBE-SERVICES') ?? [];
  const note = comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
  if (!context.nodePorts.all) {
    for (const ip of context.nodePorts.ips) rules.push(`${note} -d ${ip} -j KUBE-NODEPORTS`);
    return;
  }
  const except = context.family === 'IPv6' ? ' ! -d ::1/128' : context.localhostNodePorts ? '' : ' ! -d 127.0.0.0/8';
  rules.push(`${note} -m addrtype --dst-type LOCAL${except} -j KUBE-NODEPORTS`);
}
