/** A packet through the rules that kube-proxy writes from its input, or through rules that are handed in. */
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import type { ProxyInput } from '../kube-proxy/input.ts';
import { iptables } from '../kube-proxy/iptables.ts';
import { nftables } from '../kube-proxy/nftables.ts';
import type { Outcome } from './chance.ts';
import { bareHost, type Flow, type FlowPacket, flowOf, flowPacket, passages } from './flow.ts';
import type { Passage } from './pass-host.ts';
import { parseRules, readAll } from './read-all.ts';

/** The text of either language, or what kube-proxy writes. */
export type GivenRules = string | { filter: string; nat: string } | { ruleset: string };

export interface FlowRequest<P extends FlowPacket> {
  input: ProxyInput;
  packet: P;
  /** In place of kube-proxy's. */
  rules?: GivenRules;
}

/** What may be spent: characters of rules that are written, and rules that are looked at. */
export interface FlowWork {
  writing: WorkBudget;
  walking: WorkBudget;
}

/** Throws `RuleTextError` for rules, `BadAddress` for a packet, `EndlessChains` and `WorkExceeded`. */
export function simulateFlow<P extends FlowPacket>(
  { input, packet, rules }: FlowRequest<P>,
  work: FlowWork = { writing: UNLIMITED_WORK, walking: UNLIMITED_WORK },
  met = false,
): { flow: Flow<P>; outcomes: Outcome<Passage>[] } {
  const sent = flowPacket(packet);
  const ruleSets =
    rules === undefined ? textsOf(written(input, work.writing)).map(parseRules) : textsOf(rules).map(readAll);
  const host = bareHost(ruleSets, input.node.ips);
  const own = packet.from === undefined ? host.addressType(sent.source) === 'local' : packet.from === 'node';
  const outcomes = passages(host, sent, own, work.walking, met);
  return { flow: flowOf(packet, outcomes), outcomes };
}

const written = (input: ProxyInput, work: WorkBudget): GivenRules =>
  input.mode === 'nftables' ? nftables(input, work) : iptables(input, work);

function textsOf(rules: GivenRules): string[] {
  if (typeof rules === 'string') return [rules];
  return 'ruleset' in rules ? [rules.ruleset] : [rules.filter, rules.nat];
}
