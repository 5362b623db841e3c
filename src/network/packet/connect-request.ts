/** A connection that somebody opens, and what its way depends on beside the world. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import type { Chance } from './chance.ts';
import type { End } from './ends.ts';
import type { PacketAddress, Protocol } from './packet.ts';

export interface ConnectRequest {
  from: End;
  to: End;
  port: number;
  protocol: Protocol;
  /** Which of the target's addresses; absent: its first of a family that the sender has. */
  family?: 4 | 6;
  /** The address of the sender's that it sends from; absent: the one that the way there gives it. */
  source?: PacketAddress;
  /** Absent: one of the ephemeral ports. */
  sourcePort?: number;
}

export interface ConnectOptions {
  chance: Chance;
  /** Seconds. */
  now: number;
  work?: WorkBudget;
  /** Whether each hop is told, with the rules that the packet met. */
  explain?: boolean;
}
