/**
 * The roles and bindings by which requests are judged. They are read and parsed once for each state that they have: the store says with
 * each answer which one there is at that instant, and what is remembered of another one is not used.
 */
import type { Read } from '../../catalog/strategy.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { POLICY_RESOURCES } from '../../resources/rbac/authorizer.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { readViews } from '../pipeline.ts';
import type { Storage } from '../storage/storage.ts';
import type { ReadView } from '../write/read-view.ts';

/** Characters of roles and bindings, as they are stored, that are remembered of all clusters together; one with more is read each time. */
export const MAX_REMEMBERED_POLICY = 8 * 1024 ** 2;

interface Remembered {
  policy: ReadView;
  changes: number;
}

/** By the store. */
const remembered = new BoundedMap<Remembered>(MAX_REMEMBERED_POLICY, ({ policy }) => policy.characters);

const POLICY_READS: readonly Read[] = POLICY_RESOURCES.map((resource) => ({ resource }));

/** The policy, and what else `reads` ask for, of one instant. */
export async function readPolicy(storage: Storage, reads: readonly Read[] = []): Promise<{ policy: View; view: View }> {
  const asked = await readViews(storage, [{ reads }]);
  const known = asked.policy && remembered.get(asked.policy.store);
  if (known && known.changes === asked.policy?.changes) return { policy: known.policy, view: asked.views[0]! };
  const { views, policy: mark } = await readViews(storage, [{ reads: POLICY_READS, keep: decisive }, { reads }]);
  const [policy, view] = views as [ReadView, ReadView];
  if (mark) remembered.set(mark.store, { policy, changes: mark.changes });
  return { policy, view };
}

/** What of a role or a binding decides: the rest, and most of all managedFields, would be the larger part of what is remembered. */
function decisive({ apiVersion, kind, metadata, rules, subjects, roleRef }: KubeObject): KubeObject {
  const { name, namespace } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    ...(rules ? { rules } : {}),
    ...(subjects ? { subjects } : {}),
    ...(roleRef ? { roleRef } : {}),
  };
}
