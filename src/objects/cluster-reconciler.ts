/** Reconcilers of Kubernetes' objects: what they are handed of a resource has that resource's type. */
import type { ReconcileContext, ReconcileResult, Reconciler } from '../simulation/reconciler.ts';
import type { KindTypes } from './generated/kind-types.gen.ts';
import type { KubeObject, View } from './object.ts';

export interface Change<Object> {
  resource: string;
  old?: Object;
  new?: Object;
}

interface Watch<Resource extends string, Object> {
  resource: Resource;
  keys(change: Change<Object>, view: View): string[];
}

/** `*` is every resource. */
export type ClusterWatch =
  | { [Resource in keyof KindTypes]: Watch<Resource, KindTypes[Resource]> }[keyof KindTypes]
  | Watch<'*', KubeObject>;

export interface ClusterReconciler extends Omit<Reconciler<KubeObject>, 'watches' | 'reconcile'> {
  watches: ClusterWatch[];
  reconcile(view: View, key: string, context: ReconcileContext): ReconcileResult<KubeObject>;
}

/** The same watch over several resources. */
export const watchEach = <Resource extends keyof KindTypes>(
  resources: readonly Resource[],
  keys: (change: Change<KindTypes[Resource]>, view: View) => string[],
): ClusterWatch[] => resources.map((resource) => ({ resource, keys }) as ClusterWatch);
