/** The index of pods by their node. */
import type { Reader } from '../simulation/reconciler.ts';
import type { KubeObject } from './object.ts';

/** Under what a pod on this node is found again; the empty name: on none. */
export const nodeKey = (node: string): string => `node/${node}`;

/** The pods on a node (the empty name: on none), in order of namespace and name. */
export function podsOn(reader: Reader<KubeObject>, node: string): KubeObject[] {
  if (!reader.dependents) return reader.list('pods').filter((pod) => (pod.spec?.nodeName ?? '') === node);
  const pods = reader.dependents(nodeKey(node)).map(({ object }) => object);
  return pods.sort((a, b) => order(a, b));
}

/** Whether there is such a pod on a node (the empty name: on none). */
export function hasPodOn(reader: Reader<KubeObject>, node: string, which: (pod: KubeObject) => boolean): boolean {
  if (!reader.dependents) return podsOn(reader, node).some(which);
  return reader.dependents(nodeKey(node)).some(({ object }) => which(object));
}

function order(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a.metadata.namespace ?? '', b.metadata.namespace ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
