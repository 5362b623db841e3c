/** The ingress policies of the plugin firewall: what comes from outside of a pod's bridge is dropped. Source: plugins/meta/firewall/ingresspolicy.go. */
import { quoteGo } from '../../../objects/go-quote.ts';
import { fail } from '../errors.ts';
import { commented, IPTables } from '../kernel/iptables.ts';
import type { Machine } from '../machine.ts';
import type { Result } from '../result.ts';

const TABLE = 'filter';
const STAGE_1 = 'CNI-ISOLATION-STAGE-1';
const STAGE_2 = 'CNI-ISOLATION-STAGE-2';

export const POLICIES = ['', 'open', 'same-bridge', 'isolated'];

const about = (policy: string): string[] => commented(`CNI firewall plugin rules (ingressPolicy: ${policy})`);
const OF_BOTH = about('same-bridge|isolated');

function isolate(tables: IPTables, bridge: string, policy: string): void {
  tables.ensureChain(TABLE, STAGE_1);
  tables.ensureChain(TABLE, STAGE_2);
  const ensure = (chain: string, rule: string[], isFirst: boolean): void =>
    tables.ensureRule(TABLE, chain, rule, isFirst);
  ensure('FORWARD', ['-j', STAGE_1, ...OF_BOTH], true);
  ensure(STAGE_1, ['-i', bridge, '!', '-o', bridge, '-j', STAGE_2, ...about(policy)], true);
  if (policy === 'isolated') ensure(STAGE_1, ['-i', bridge, '-o', bridge, '-j', 'DROP', ...about(policy)], true);
  ensure(STAGE_1, ['-j', 'RETURN', ...OF_BOTH], false);
  ensure(STAGE_2, ['-o', bridge, '-j', 'DROP', ...OF_BOTH], true);
  ensure(STAGE_2, ['-j', 'RETURN', ...OF_BOTH], false);
}

/** Throws `CNIError`. */
export function checkPolicy(policy: string): void {
  if (!POLICIES.includes(policy)) fail(`unknown ingress policy: ${quoteGo(policy)}`);
}

/** Throws `CNIError`. */
export function setUpIngressPolicy(machine: Machine, policy: string, { interfaces, ips }: Result): void {
  checkPolicy(policy);
  if (policy === '' || policy === 'open') return;
  const why = `interface needs to be set for ingress policy ${quoteGo(policy)}`;
  const bridge = interfaces[0] ?? fail(`${why}, make sure to chain "firewall" plugin with "bridge"`);
  if (bridge.name === '') fail('got empty bridge name');
  for (const { address } of ips) if (address) isolate(new IPTables(machine, address.ip.family), bridge.name, policy);
}
