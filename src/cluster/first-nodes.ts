/** A new cluster's nodes, which are there from the start. */
import { storedText } from '../apiserver/storage/stored.ts';
import { storageKey } from '../catalog/kinds.ts';
import type { Store } from '../etcd/store.ts';
import { initialEvents, initialLeases, initialNodes } from '../kubelet/nodes.ts';
import type { KubeObject } from '../objects/object.ts';
import { builtIn } from '../resources/built-in.ts';
import { createRandom } from '../simulation/random.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** Writes them, Ready, with their leases and events, in one commit. */
export function createNodes(store: Store, spec: SimulationSpec, now: number): void {
  if (spec.nodes.length === 0) return;
  const config = { podCIDR: spec.podCIDR, now, random: createRandom(spec.seed, 'nodes') };
  const nodes = initialNodes(spec.nodes, config);
  const put = (resource: string, { metadata }: KubeObject, value: string) => ({
    put: { key: storageKey(builtIn(resource), metadata.namespace, metadata.name), value },
  });
  const success = [
    ...nodes.map((node) => put('nodes', node, storedText(node))),
    ...initialLeases(nodes, config).map((lease) => put('leases.coordination.k8s.io', lease, storedText(lease))),
    ...(spec.components.kubelet ? initialEvents(nodes, config) : []).map((event) =>
      put('events', event, storedText(event)),
    ),
  ];
  store.txn({ compare: [], success, failure: [] });
}
