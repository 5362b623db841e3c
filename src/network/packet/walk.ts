/** A packet on its way through one host's rules, and what is told of it. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import type { Chance } from './chance.ts';
import type { Conntrack, Tracked } from './conntrack.ts';
import type { Notes } from './notes.ts';
import { type Packet, type PacketAddress, packetText } from './packet.ts';
import type { AddressType, Hook, Rule } from './rule-set.ts';

/** What rules ask the host about. */
export interface RuleHost {
  addressType(address: PacketAddress): AddressType;
  /** The address that packets get which leave by an interface for a destination. Undefined: it has none. */
  sourceAddress(outInterface: string, destination: PacketAddress): PacketAddress | undefined;
}

/** A rule that held for the packet, or a chain's policy. */
export interface RuleMet {
  hook: Hook;
  /** `nat`, `ip kube-proxy`. */
  table: string;
  chain: string;
  /** The rule's place in its chain, from 1; 0 for the policy. */
  place: number;
  rule?: Rule;
  /** `jump KUBE-SVC-…`, `accept`, `dnat to 10.244.1.2:80`… */
  action: string;
  /** Of an action that only some packets meet. */
  probability?: number;
  /** The packet as it came to the rule, and afterwards where that changed it. */
  before: Packet;
  after?: Packet;
}

/** The same as it is told to whoever asks: the rule by its text, the packet in words. */
export interface ToldRule extends Omit<RuleMet, 'rule' | 'before' | 'after'> {
  rule?: string;
  /** Of the text, from 1. */
  line?: number;
  after?: string;
}

export const toldRule = ({ rule, before: _, after, ...of }: RuleMet): ToldRule => ({
  ...of,
  ...(rule ? { rule: rule.text, line: rule.line } : {}),
  ...(after ? { after: packetText(after) } : {}),
});

export interface Walk {
  packet: Packet;
  tracked: Tracked;
  conntrack: Conntrack;
  hook: Hook;
  host: RuleHost;
  notes: Notes;
  /** Seconds. */
  now: number;
  chance: Chance;
  work: WorkBudget;
  /** How many rules the kernel would have looked at. */
  scanned: number;
  /** Absent: nobody wants to know. */
  met?: RuleMet[];
  /** Whether a nat chain has translated the packet at this hook. */
  translated: boolean;
}
