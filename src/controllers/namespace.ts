/**
 * Empties a namespace that is being deleted, says in its conditions what is left, and lets it go.
 * Source: k8s.io/kubernetes/pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
 */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, Reconciler, Write } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { type Condition, withCondition } from './pods.ts';
import { timestamp } from './time.ts';

const FINALIZER = 'kubernetes';

export const namespaceController = (): Reconciler<KubeObject> => ({
  name: 'namespace-controller',
  manager: 'kube-controller-manager',
  watches: [
    {
      resource: 'namespaces',
      keys: ({ new: namespace }) => (namespace?.metadata.deletionTimestamp ? [namespace.metadata.name] : []),
    },
    {
      // What is left in a namespace that is going away.
      resource: '*',
      keys: ({ old, new: object }, reader) => {
        const name = (object ?? old)?.metadata.namespace;
        if (name === undefined) return [];
        return reader.get('namespaces', undefined, name)?.metadata.deletionTimestamp ? [name] : [];
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const namespace = reader.get('namespaces', undefined, name);
    if (!namespace?.metadata.deletionTimestamp) return { writes: [] };
    const finalizers: string[] = namespace.spec?.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return { writes: [] };
    const left = contentOf(reader, name);
    const writes: Write<KubeObject>[] = [];
    for (const [resource, objects] of left) {
      for (const object of objects) {
        if (object.metadata.deletionTimestamp) continue;
        writes.push({
          verb: 'delete',
          resource,
          namespace: name,
          name: object.metadata.name,
          uid: object.metadata.uid as string,
          propagationPolicy: 'Background',
        });
      }
    }
    if (left.size === 0) {
      const rest = finalizers.filter((finalizer) => finalizer !== FINALIZER);
      const finalized = { ...namespace, spec: { ...namespace.spec, finalizers: rest } };
      return { writes: [{ verb: 'update', subresource: 'finalize', object: finalized }] };
    }
    const status = { ...namespace.status, phase: 'Terminating', conditions: conditionsOf(namespace, left, now) };
    if (!sameJson(status, namespace.status)) {
      writes.push({ verb: 'update', subresource: 'status', object: { ...namespace, status } });
    }
    return { writes };
  },
});

/** Objects of the namespace by resource. Events of the deletions themselves are content too. */
function contentOf(reader: Reader<KubeObject>, namespace: string): Map<string, KubeObject[]> {
  const left = new Map<string, KubeObject[]>();
  for (const resource of reader.resources?.() ?? []) {
    const objects = reader.list(resource, namespace);
    if (objects.length > 0) left.set(resource, objects);
  }
  return new Map([...left].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function conditionsOf(namespace: KubeObject, left: Map<string, KubeObject[]>, now: number): Condition[] {
  const at = timestamp(now);
  const remaining = [...left].filter(([, objects]) => objects.some((object) => object.metadata.deletionTimestamp));
  const finalizers = new Map<string, number>();
  for (const [, objects] of remaining) {
    for (const finalizer of objects.flatMap((object) => object.metadata.finalizers ?? [])) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    }
  }
  const made = (type: string, status: string, reason: string, message: string): Condition => ({
    type,
    status,
    lastTransitionTime: at,
    reason,
    message,
  });
  const what = remaining.map(([resource, objects]) => `${dotted(resource)} has ${objects.length} resource instances`);
  const who = [...finalizers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => `${name} in ${n} resource instances`);
  const conditions = [
    made('NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'),
    made(
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    made(
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    what.length > 0
      ? made(
          'NamespaceContentRemaining',
          'True',
          'SomeResourcesRemain',
          `Some resources are remaining: ${what.join(', ')}`,
        )
      : made('NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'),
    who.length > 0
      ? made(
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${who.join(', ')}`,
        )
      : made(
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ];
  return conditions.reduce<Condition[]>(
    (list, condition) => withCondition(list, condition),
    namespace.status?.conditions ?? [],
  );
}

/** `pods.` for the core group, `deployments.apps` for others. */
const dotted = (resource: string): string => (resource.includes('.') ? resource : `${resource}.`);
