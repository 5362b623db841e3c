import type { Pod } from '../../objects/generated/core-v1.gen.ts';

/** A pod with gates waits: nobody has asked for a node yet. It does not even enter the queue. */
export const isGated = (pod: Pod): boolean => (pod.spec?.schedulingGates ?? []).length > 0;
