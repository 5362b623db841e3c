/**
 * Rules in one form, whether iptables' or nftables' text they come from: chains of rules, each of which is steps that are taken
 * in order until a match does not hold or there is a verdict.
 */
import type { AddressRange, PacketAddress, PortRange, Protocol } from './packet.ts';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked' | 'dnat' | 'snat';
export type AddressType = 'local' | 'broadcast' | 'multicast' | 'unicast';
export type Side = 'source' | 'destination';

/** What of a packet a set or map is looked up by. */
export type Field =
  | { of: 'address'; side: Side }
  | { of: 'port'; side: Side }
  | { of: 'protocol' }
  | { of: 'mark' }
  | { of: 'interface'; side: 'in' | 'out' };

export type Match = { not?: boolean } & (
  | { match: 'address'; side: Side; ranges: AddressRange[] }
  | { match: 'protocol'; protocols: (Protocol | undefined)[] }
  | { match: 'family'; family: 4 | 6 }
  /** Of a protocol that has ports only. */
  | { match: 'port'; side: Side | 'either'; ranges: PortRange[] }
  /** A name that ends with `+` (iptables) or `*` (nftables) stands for all that begin so: `prefix`. */
  | { match: 'interface'; side: 'in' | 'out'; names: { name: string; prefix: boolean }[] }
  | { match: 'mark'; mask: number; values: number[] }
  | { match: 'state'; states: ConnectionState[] }
  | { match: 'addressType'; side: Side; types: AddressType[] }
  /** Holds with this probability. */
  | { match: 'random'; probability: number }
  | { match: 'recent'; recent: Recent }
  /** Membership in a named set, or of an own one. */
  | { match: 'set'; fields: Field[]; set: AddressSet }
  /** What says nothing about the packet: comments, counters. */
  | { match: 'always' }
);

/** iptables' `recent`: a list of addresses by name, with when they were last seen. */
export interface Recent {
  name: string;
  side: Side;
  command: 'set' | 'rcheck' | 'update' | 'remove';
  /** How long ago at most; 0: at any time. */
  seconds: number;
}

/** What a packet's address and port become. Absent: as they are. */
export interface Translation {
  addresses?: { first: PacketAddress; last: PacketAddress };
  ports?: PortRange;
}

/** How a packet is refused, in the words that both languages share: `icmp-port-unreachable`, `tcp-reset`. */
export type RejectWith = string;

export type Verdict =
  | Ending
  | { verdict: 'return' }
  | { verdict: 'continue' }
  | { verdict: 'jump'; chain: string }
  | { verdict: 'goto'; chain: string };

/** What ends a packet's way through a base chain. */
export type Ending = { verdict: 'accept' } | { verdict: 'drop' } | { verdict: 'reject'; with: RejectWith };

export type Statement =
  | Verdict
  | { statement: 'mark'; and: number; xor: number }
  | { statement: 'dnat'; to: Translation }
  | { statement: 'snat'; to: Translation }
  /** One of several, each as likely. */
  | { statement: 'balance'; to: Translation[] }
  | { statement: 'masquerade' }
  | { statement: 'redirect'; ports?: PortRange }
  | { statement: 'notrack' }
  /** The verdict that a map has for the packet; nothing where it has none. */
  | { statement: 'verdictMap'; fields: Field[]; map: VerdictMap }
  /** One of several verdicts, each as likely; `undefined` where there is none for a number. */
  | { statement: 'numgen'; verdicts: (Verdict | undefined)[] }
  /** Notes the packet's fields in a set, for as long as the set says. */
  | { statement: 'update'; fields: Field[]; set: AddressSet };

export type Step = Match | Statement;

export interface Rule {
  /** Of the text, from 1. */
  line: number;
  /** As it is written, with its chain. */
  text: string;
  steps: Step[];
}

export interface Chain {
  table: string;
  name: string;
  /** What becomes of what no rule has decided. */
  policy: 'accept' | 'drop';
  /** Parsed when the chain is first met. */
  rules(): Rule[];
}

export interface BaseChain {
  chain: Chain;
  hook: Hook;
  priority: number;
  /** Only the first packet of a connection is shown to it. */
  nat: boolean;
}

/** An element's key is its fields' texts with ` . ` between them. */
export interface AddressSet {
  name: string;
  /** Elements that are one value a field. */
  keys: Set<string>;
  /** Elements that are ranges, of one field. */
  ranges: AddressRange[];
  ports: PortRange[];
  /** Filled by packets; a note lasts so many seconds, 0: for ever. */
  dynamic?: { seconds: number };
}

export interface VerdictMap {
  name: string;
  verdicts: Map<string, Verdict>;
}

/** The tables of one text, for one family (or, in nftables' `inet`, both). */
export interface RuleSet {
  kind: 'iptables' | 'nftables';
  /** By `table chain`. */
  chains: Map<string, Chain>;
  bases: BaseChain[];
}

export const chainKey = (table: string, chain: string): string => `${table} ${chain}`;
