/**
 * What is particular to each kind, collected from the files of the groups. A resource has one strategy for all its versions:
 * its functions see the version in which the client sent the object.
 */
import type { Kind } from './kinds.ts';
import type { Strategy } from './strategy.ts';

/** By `pods` or `deployments.apps`. */
const STRATEGIES: Record<string, Strategy> = {
  // Core, apps, batch, autoscaling, policy.

  // All other groups.
};

const NOTHING_PARTICULAR: Strategy = {};

export const strategyFor = (kind: Pick<Kind, 'group' | 'resource'>): Strategy =>
  STRATEGIES[kind.group ? `${kind.resource}.${kind.group}` : kind.resource] ?? NOTHING_PARTICULAR;
