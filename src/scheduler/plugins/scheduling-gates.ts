import type { KubeObject } from '../../objects/object.ts';

/** A pod with gates waits: nobody has asked for a node yet. It does not even enter the queue. */
export const isGated = (pod: KubeObject): boolean => (pod.spec?.schedulingGates ?? []).length > 0;
