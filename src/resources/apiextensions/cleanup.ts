/** How a definition is deleted: it waits until its objects are gone. */
import { withCondition } from '../../objects/conditions.ts';
import type { CustomResourceDefinition } from '../../objects/generated/apiextensions-v1.gen.ts';
import { timestamp } from '../../objects/time.ts';

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** The definition once somebody wants it gone. */
export function markedForCleanup(definition: CustomResourceDefinition, now: number): CustomResourceDefinition {
  const { metadata, status } = definition;
  const finalizers = metadata.finalizers ?? [];
  return {
    ...definition,
    metadata: {
      ...metadata,
      deletionTimestamp: timestamp(now),
      finalizers: finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER],
    },
    status: {
      ...status,
      conditions: withCondition(status?.conditions ?? [], {
        type: 'Terminating',
        status: 'True',
        lastTransitionTime: timestamp(now),
        reason: 'InstanceDeletionPending',
        message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      }),
    },
  };
}
