/** A packet through the rules that kube-proxy writes from its input, or through rules that are handed in. */
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import type { ProxyInput } from '../kube-proxy/input.ts';
import { iptables } from '../kube-proxy/iptables.ts';
import { nftables } from '../kube-proxy/nftables.ts';
import type { Outcome } from './chance.ts';
import { bareHost, type Flow, type FlowPacket, flowOf, flowPacket, passages } from './flow.ts';
import type { Passage } from './pass-host.ts';
import { parseRules, readAll } from './read-all.ts';
import type { RuleSet } from './rule-set.ts';

export interface FlowRequest<P extends FlowPacket> {
  input: ProxyInput;
  packet: P;
  /** In place of kube-proxy's. */
  rules?: string;
}

/** Throws `RuleTextError` for rules, `BadAddress` for a packet, `EndlessChains`, and `WorkExceeded`: a step is a rule that is looked at. */
export function simulateFlow<P extends FlowPacket>(
  { input, packet, rules }: FlowRequest<P>,
  work: WorkBudget = UNLIMITED_WORK,
  met = false,
): { flow: Flow<P>; outcomes: Outcome<Passage>[] } {
  const ruleSets = rules === undefined ? written(input, work) : [readAll(rules)];
  const host = bareHost(ruleSets, input.node.ips);
  const sent = flowPacket(packet);
  const own = packet.from === undefined ? host.addressType(sent.source) === 'local' : packet.from === 'node';
  const outcomes = passages(host, sent, own, work, met);
  return { flow: flowOf(packet, outcomes), outcomes };
}

function written(input: ProxyInput, work: WorkBudget): RuleSet[] {
  if (input.mode === 'nftables') return [parseRules(nftables(input, work).ruleset)];
  const { filter, nat } = iptables(input, work);
  return [parseRules(filter), parseRules(nat)];
}
