/** What a new cluster has beside the base layer, from the start: its nodes, and the storage class of the add-on that makes volumes. */
import { storedText } from '../apiserver/storage/stored.ts';
import { storageKey } from '../catalog/kinds.ts';
import { DEFAULT_STORAGE_CLASS, LOCAL_PATH_PROVISIONER } from '../controllers/volumes/local-path-provisioner.ts';
import { causedBy } from '../etcd/cause-log.ts';
import type { Store } from '../etcd/store.ts';
import { takenHosts } from '../kubeadm/topology.ts';
import { initialEvents, initialLeases, initialNodes } from '../kubelet/nodes.ts';
import type { KubeObject } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';
import { builtIn } from '../resources/built-in.ts';
import { createRandom } from '../simulation/random.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** Writes them in one commit: the nodes Ready, with their leases and events. */
export function createFirstObjects(store: Store, spec: SimulationSpec, now: number): void {
  const taken = spec.topology ? { taken: takenHosts(spec.topology) } : {};
  const config = { podCIDR: spec.podCIDR, now, random: createRandom(spec.seed, 'nodes'), ...taken };
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
  if (spec.components.controllers[LOCAL_PATH_PROVISIONER]) {
    const { metadata, ...rest } = DEFAULT_STORAGE_CLASS;
    const uid = createRandom(spec.seed, LOCAL_PATH_PROVISIONER).uid();
    const standard = { ...rest, metadata: { ...metadata, uid, creationTimestamp: timestamp(now) } };
    success.push(put('storageclasses.storage.k8s.io', standard, storedText(standard)));
  }
  if (success.length === 0) return;
  causedBy(store, { made: true, now }, () => store.txn({ compare: [], success, failure: [] }));
}
