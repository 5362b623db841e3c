/**
 * Ends the objects of a definition that is to go, and then lets it go.
 * models k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { unversioned } from '../../objects/unversioned.ts';
import { CLEANUP_FINALIZER } from '../../resources/apiextensions/cleanup.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import {
  conditionIn,
  DEFINITIONS,
  DEFINITIONS_MANAGER,
  holds,
  statusWrite,
  withConditions,
} from './custom-resource-definitions.ts';

/** How long the real one waits for objects with finalizers of their own before it says so. */
const PATIENCE = 60_000;

type Terminating = Pick<CustomResourceDefinitionCondition, 'status' | 'reason' | 'message'>;

const IN_PROGRESS: Terminating = {
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};
const TIMED_OUT: Terminating = {
  status: 'True',
  reason: 'InstanceDeletionCheck',
  message: 'could not confirm zero CustomResources remaining: context deadline exceeded',
};
const NEVER_ESTABLISHED: Terminating = {
  status: 'False',
  reason: 'NeverEstablished',
  message: 'resource was never established',
};
const COMPLETED: Terminating = {
  status: 'False',
  reason: 'InstanceDeletionCompleted',
  message: 'removed all instances',
};

const isDue = ({ metadata }: Pick<CustomResourceDefinition, 'metadata'>): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(CLEANUP_FINALIZER) ?? false);

export const crdFinalizer = (): ClusterReconciler => ({
  name: 'crd_finalizer',
  manager: DEFINITIONS_MANAGER,
  reads: [],
  watches: [
    {
      resource: DEFINITIONS,
      keys: ({ new: definition }) => (definition && isDue(definition) ? [definition.metadata.name] : []),
    },
    {
      // The last of its objects.
      resource: '*',
      keys({ resource, new: object }, reader) {
        if (object || resource === DEFINITIONS) return [];
        const definition = reader.get(DEFINITIONS, undefined, resource);
        return definition && isDue(definition) ? [resource] : [];
      },
    },
  ],
  reconcile(reader, name, { now, requeueAt }) {
    const definition = reader.get(DEFINITIONS, undefined, name);
    if (!definition || !isDue(definition)) return { writes: [] };
    if (!holds(definition, 'Established')) return { writes: ended(definition, NEVER_ESTABLISHED, now) };
    const left = reader.list(instancesOf(definition));
    if (left.length === 0) return { writes: ended(definition, COMPLETED, now) };
    return waiting(definition, left, now, requeueAt);
  },
});

const instancesOf = ({ spec, status }: CustomResourceDefinition): string =>
  `${status?.acceptedNames?.plural || spec.names.plural}.${spec.group}`;

const terminating = (definition: CustomResourceDefinition, condition: Terminating, now: number) =>
  withConditions(definition, now, { type: 'Terminating', ...condition });

/** First it is said that its objects are being deleted, then that they are gone, with which it goes itself. */
function ended(definition: CustomResourceDefinition, condition: Terminating, now: number): Write<KubeObject>[] {
  const begun = terminating(definition, IN_PROGRESS, now);
  const finalizers = definition.metadata.finalizers?.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
  const last = unversioned(terminating(begun, condition, now));
  const isBegun = conditionIn(definition, 'Terminating')?.reason !== 'InstanceDeletionPending';
  return [
    ...(isBegun ? [] : [statusWrite(begun)]),
    statusWrite({ ...last, metadata: { ...last.metadata, finalizers } }),
  ];
}

function waiting(
  definition: CustomResourceDefinition,
  left: KubeObject[],
  now: number,
  requeueAt: number | undefined,
): ReconcileResult<KubeObject> {
  const resource = instancesOf(definition);
  const deletions = left
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(
      ({ metadata: { namespace, name, uid } }): Write<KubeObject> => ({
        verb: 'delete',
        resource,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
      }),
    );
  const since = conditionIn(definition, 'Terminating');
  const isLate = requeueAt !== undefined && now >= requeueAt;
  const condition = isLate ? TIMED_OUT : IN_PROGRESS;
  const isSaid = since?.reason === condition.reason || (!isLate && since?.reason === TIMED_OUT.reason);
  return {
    writes: [...(isSaid ? [] : [statusWrite(terminating(definition, condition, now))]), ...deletions],
    requeueAt: isLate ? now + PATIENCE : (requeueAt ?? now + PATIENCE),
  };
}
