import type { KubeObject } from '../resources/object.ts';
import type { Reader } from '../simulation/reconciler.ts';

/** The pods that are bound to a node. */
export const podsOn = (reader: Reader<KubeObject>, node: string): KubeObject[] =>
  reader.list('pods').filter((pod) => pod.spec.nodeName === node);
