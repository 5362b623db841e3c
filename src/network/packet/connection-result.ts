/** What becomes of a connection, and the way to it. */
import type { PolicyDecision } from '../policy/decision.ts';
import type { Packet, PacketAddress } from './packet.ts';
import type { Passage } from './pass-host.ts';

export type ConnectionVerdict =
  /** A program has it. */
  | 'accepted'
  /** An answer says no: nothing listens, or a rule rejects it. */
  | 'refused'
  /** No answer: who waits, waits until his time is over. */
  | 'dropped'
  /** An answer, or the sender's own kernel, says that there is no way. */
  | 'unreachable';

/** A network namespace on the way. */
export interface Hop {
  at: { kind: 'pod' | 'node' | 'outside'; name: string };
  /** Where it came in; absent for who sends it. */
  receivedOn?: string;
  /** The packet as it came, and as it left or was taken in. */
  before: Packet;
  after: Packet;
  /** How it goes on, as `ip route` says it. */
  route?: string;
  /** The host's rules, where it passes any. */
  passage?: Passage;
  /** What network policies say, where they are asked. */
  policies?: PolicyDecision;
}

export interface ConnectionResult {
  verdict: ConnectionVerdict;
  /** In words. */
  because: string;
  /** Where it ended: `namespace/name`, a node's name. */
  pod?: string;
  node?: string;
  /** The address and port that were reached in the end. */
  destination: { address: PacketAddress; port: number };
  /** As whom the other end sees the sender. */
  source: { address: PacketAddress; port: number };
  hops: Hop[];
  /** How many rules the kernels on the way looked at. */
  scanned: number;
}
