/**
 * The policies, their bindings and the webhooks that a cluster has. They are read and parsed once for each state that they have: the store
 * says with each answer which one there is at that instant, or that there are none.
 */
import type { Read } from '../../catalog/strategy.ts';
import type { Mark } from '../../etcd/types.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { readViews } from '../pipeline.ts';
import type { ReadResult, Storage } from '../storage/storage.ts';
import type { ReadView } from '../write/read-view.ts';

const GROUP = 'admissionregistration.k8s.io';
export const MUTATING_POLICIES = `mutatingadmissionpolicies.${GROUP}`;
export const MUTATING_POLICY_BINDINGS = `mutatingadmissionpolicybindings.${GROUP}`;
export const MUTATING_WEBHOOKS = `mutatingwebhookconfigurations.${GROUP}`;
export const VALIDATING_POLICIES = `validatingadmissionpolicies.${GROUP}`;
export const VALIDATING_POLICY_BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;
export const VALIDATING_WEBHOOKS = `validatingwebhookconfigurations.${GROUP}`;

/** Where they are stored. */
export const CONFIGURATION_RESOURCES = [
  MUTATING_POLICIES,
  MUTATING_POLICY_BINDINGS,
  MUTATING_WEBHOOKS,
  VALIDATING_POLICIES,
  VALIDATING_POLICY_BINDINGS,
  VALIDATING_WEBHOOKS,
] as const;

/**
 * Characters of configurations, as they are stored, that are remembered of all clusters together, with what is compiled of them; one with
 * more is read each time.
 */
export const MAX_REMEMBERED_CONFIGURATIONS = 1024 ** 2;

/** The configurations of one state; lists of them by resource, in the order of their names. */
export interface Configurations {
  /** Which state; absent where nobody keeps a mark. */
  mark: Mark | undefined;
  view: View;
}

/** By the cluster: what it had when it was last asked. */
const remembered = new BoundedMap<{ mark: Mark; view: ReadView }>(
  MAX_REMEMBERED_CONFIGURATIONS,
  ({ view }) => view.characters,
);

/** What a cluster had the last time that somebody looked; whether it still has that, its mark tells. */
export const lastConfigurations = (cluster: string): Configurations | undefined => remembered.get(cluster);

export async function readConfigurations(storage: Storage, cluster: string): Promise<Configurations> {
  const reads: Read[] = CONFIGURATION_RESOURCES.map((resource) => ({ resource }));
  const { views, admission } = await readViews(storage, [{ reads, keep: decisive }]);
  const view = views[0]!;
  if (admission) remembered.set(cluster, { mark: admission, view });
  return { mark: admission ?? undefined, view };
}

/** Whether these are those of the instant of a read. */
export const areOf = ({ mark }: Configurations, { admission }: Pick<ReadResult, 'admission'>): boolean =>
  mark !== undefined && mark.store === admission?.store && mark.changes === admission.changes;

/** What was written by whom decides nothing. */
function decisive(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
