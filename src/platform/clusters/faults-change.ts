/** What is asked to break or to be mended, and what comes of it, as the platform and a cluster's object say it to each other. */
import type { Faults } from '../../simulation/faults.ts';
import type { FieldProblem } from '../http/problem.ts';

/** One of these. */
export interface FaultTarget {
  node?: string | undefined;
  member?: string | undefined;
  component?: string | undefined;
  /** All nodes of one. */
  zone?: string | undefined;
}

/** All links of a member, or those to one other. */
interface LinkTarget {
  member: string;
  to?: string | undefined;
}

/** One of these. */
export interface FaultsChange {
  kill?: FaultTarget | undefined;
  pause?: FaultTarget | undefined;
  partition?: string[][] | undefined;
  delay?: (LinkTarget & { milliseconds: number }) | undefined;
  loss?: (LinkTarget & { percent: number }) | undefined;
  slowDisk?: { member: string; milliseconds: number } | undefined;
  fullDisk?: { member: string } | undefined;
  clockSkew?: { member: string; speed: number } | undefined;
  heal?: true | FaultTarget | undefined;
}

/** What is broken, who could be, and whether the cluster works all the same. */
export interface FaultsState {
  faults: Faults;
  time: number;
  /** Whether what is written is agreed on. */
  quorum: boolean;
  /** Whether clients reach an API server. */
  served: boolean;
}

export type FaultsAnswer = { state: FaultsState } | { problem: FieldProblem };
