/** What of the cluster is looked at: one namespace or all, and what belongs to one owner. */

import { type ApiObject, controllerOf } from './model.ts';
import type { Store } from './store.ts';
import type { About } from './stories.ts';

export class Filter {
  readonly #store: Store;
  /** All of them if undefined. */
  namespace: string | undefined;
  owner: About | undefined;

  constructor(store: Store, namespace?: string) {
    this.#store = store;
    this.namespace = namespace;
  }

  inNamespace({ metadata }: ApiObject): boolean {
    return this.namespace === undefined || metadata.namespace === this.namespace;
  }

  /** Whether the pod belongs to the owner, directly or through a replica set. */
  matches(pod: ApiObject): boolean {
    const { owner } = this;
    if (!owner) return true;
    if (pod.metadata.namespace !== owner.namespace) return false;
    const controller = controllerOf(pod);
    if (!controller) return false;
    if (controller.kind === owner.kind) return controller.name === owner.name;
    return owner.kind === 'Deployment' && this.deploymentOf(pod) === owner.name;
  }

  /** The deployment that a pod's replica set is of. */
  deploymentOf(pod: ApiObject): string | undefined {
    const set = controllerOf(pod);
    if (set?.kind !== 'ReplicaSet') return undefined;
    const known = this.#store.replicasets.objects.get(`${pod.metadata.namespace}/${set.name}`);
    const owner = known && controllerOf(known);
    return owner?.kind === 'Deployment' ? owner.name : undefined;
  }
}
