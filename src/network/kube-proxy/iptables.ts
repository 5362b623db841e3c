/** kube-proxy in iptables mode: the two tables it writes on a node. Source: the behaviour of kube-proxy v1.37. */
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import type { ProxyInput } from './input.ts';
import { type IptablesContext, writeServicePort } from './iptables-rules.ts';
import { IptablesTable } from './iptables-table.ts';
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
    filter: new IptablesTable('filter', state.work),
    nat: new IptablesTable('nat', state.work),
  };
  writeFixedFilter(context, input.conntrackTCPLiberal ?? false);
  writeFixedNat(context);
  for (const { service, categories } of state.ports) writeServicePort(context, service, categories);
  writeNodePortsJump(context);
  addOthers(context.nat, others);
  return { filter: context.filter.text(), nat: context.nat.text() };
}

/** A table with others' rules alone, by their chains. */
export function natTable(others: Readonly<Record<string, readonly string[]>>): string {
  const nat = new IptablesTable('nat', UNLIMITED_WORK);
  addOthers(nat, others);
  return nat.text();
}

/** Who wants sources translated stands first, as CNI's plugins do; all others come after kube-proxy. */
function addOthers(nat: IptablesTable, others: Readonly<Record<string, readonly string[]>>): void {
  for (const [chain, rules] of Object.entries(others))
    if (chain === 'POSTROUTING') nat.prepend(chain, rules);
    else nat.chain(chain, rules);
}

const NEW = '-m conntrack --ctstate NEW ';
const comment = (text: string): string => `-m comment --comment "${text}"`;
const PORTALS = comment('kubernetes service portals');
const EXTERNAL = `${NEW}${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`;
const FIREWALL = `${NEW}${comment('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`;

function writeFixedFilter(context: IptablesContext, tcpLiberal: boolean): void {
  const { filter, mark } = context;
  filter.chain('INPUT', [
    '-j KUBE-FIREWALL',
    FIREWALL,
    `${comment('kubernetes health check service ports')} -j KUBE-NODEPORTS`,
    EXTERNAL,
  ]);
  filter.chain('FORWARD', [
    FIREWALL,
    `${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`,
    `${NEW}${PORTALS} -j KUBE-SERVICES`,
    EXTERNAL,
  ]);
  filter.chain('OUTPUT', ['-j KUBE-FIREWALL', FIREWALL, `${NEW}${PORTALS} -j KUBE-SERVICES`]);
  for (const chain of ['KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL', 'KUBE-SERVICES'])
    filter.chain(chain);
  filter.chain(
    'KUBE-FIREWALL',
    context.family === 'IPv4' && context.localhostNodePorts
      ? [
          `${comment('block incoming localnet connections')} -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
        ]
      : [],
  );
  const counter = context.nfacct ? ' -m nfacct --nfacct-name ct_state_invalid_dropped_pkts' : '';
  filter.chain('KUBE-FORWARD', [
    ...(tcpLiberal ? [] : [`-m conntrack --ctstate INVALID${counter} -j DROP`]),
    `${comment('kubernetes forwarding rules')} -m mark --mark ${mark}/${mark} -j ACCEPT`,
    `${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  ]);
}

function writeFixedNat({ nat, mark }: IptablesContext): void {
  nat.chain('INPUT');
  nat.chain('OUTPUT', [`${PORTALS} -j KUBE-SERVICES`]);
  nat.chain('PREROUTING', [`${PORTALS} -j KUBE-SERVICES`]);
  nat.chain('POSTROUTING', [`${comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING`]);
  nat.chain('KUBE-MARK-MASQ', [`-j MARK --or-mark ${mark}`]);
  nat.chain('KUBE-POSTROUTING', [
    `-m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-j MARK --xor-mark ${mark}`,
    `${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
  ]);
  nat.chain('KUBE-NODEPORTS');
  nat.chain('KUBE-SERVICES');
}

/** The last rules of nat's KUBE-SERVICES: what is for this node's own addresses may be a node port. */
function writeNodePortsJump(context: IptablesContext): void {
  const note = comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
  if (!context.nodePorts.all) {
    for (const ip of context.nodePorts.ips) context.nat.append('KUBE-SERVICES', `${note} -d ${ip} -j KUBE-NODEPORTS`);
    return;
  }
  const except = context.family === 'IPv6' ? ' ! -d ::1/128' : context.localhostNodePorts ? '' : ' ! -d 127.0.0.0/8';
  context.nat.append('KUBE-SERVICES', `${note} -m addrtype --dst-type LOCAL${except} -j KUBE-NODEPORTS`);
}
