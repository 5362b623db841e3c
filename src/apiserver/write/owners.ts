/** Owners that an object names more than once. Models dedupOwnerReferences of k8s.io/apiserver/pkg/endpoints/handlers/rest.go. */
import type { StageContext } from '../../catalog/strategy.ts';
import { sameValue } from '../../objects/equality.ts';
import type { KubeObject, ObjectMeta } from '../../objects/object.ts';

/** Leaves the first of equal references, in place; answers the UIDs of those that it drops. */
function dedupOwnerReferences(metadata: ObjectMeta): string[] {
  const byUID = new Map<string, object[]>();
  const duplicates: string[] = [];
  const kept = (metadata.ownerReferences ?? []).filter((reference) => {
    const { uid } = reference;
    const others = byUID.get(uid) ?? [];
    if (others.some((other) => sameValue(other, reference))) {
      duplicates.push(uid);
      return false;
    }
    byUID.set(uid, [...others, reference]);
    return true;
  });
  if (duplicates.length > 0) metadata.ownerReferences = kept;
  return duplicates;
}

/**
 * Has owners that are named more than once named once, with a warning. `when`: as the client sent the object, or as policies and webhooks
 * have left it.
 */
export function dropSameOwners(
  { metadata }: KubeObject,
  { warn }: Pick<StageContext, 'warn'>,
  when: 'sent' | 'admitted',
): void {
  if ((metadata?.ownerReferences?.length ?? 0) < 2) return;
  const duplicates = dedupOwnerReferences(metadata);
  if (duplicates.length === 0) return;
  const after = when === 'sent' ? '' : ' after mutating admission happens';
  warn?.(
    `.metadata.ownerReferences contains duplicate entries${after}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}
