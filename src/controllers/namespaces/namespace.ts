/**
 * Empties a namespace that is being deleted, says in its conditions what is left, and lets it go.
 * Source: k8s.io/kubernetes/pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { type Condition, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Namespace, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { unversioned } from '../../objects/unversioned.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { API_SERVICES, isUnavailable } from '../control-plane/apiservice-availability.ts';
import { isFinished } from '../pods.ts';

const FINALIZER = 'kubernetes';

/** What is created at the last moment is waited for. */
const GRACE = 5000;

/** Between two tries to delete what was refused. */
const RETRY = 10_000;

export const namespaceController = (): ClusterReconciler => ({
  name: 'namespace-controller',
  manager: 'kube-controller-manager',
  reads: ['apiservices.apiregistration.k8s.io', 'pods'],
  watches: [
    {
      resource: 'namespaces',
      keys: ({ new: namespace }) => (namespace?.metadata.deletionTimestamp ? [namespace.metadata.name] : []),
    },
    {
      // A group that cannot be asked may have content.
      resource: API_SERVICES,
      keys: (_, reader) =>
        reader
          .list('namespaces')
          .filter(({ metadata }) => metadata.deletionTimestamp)
          .map(({ metadata }) => metadata.name),
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
    if (!finalizersLeft(namespace).includes(FINALIZER)) return { writes: [] };
    const start = milliseconds(namespace.metadata.deletionTimestamp) + GRACE;
    return now < start ? { writes: [], requeueAt: start } : emptied(reader, namespace, now);
  },
});

const finalizersLeft = (namespace: Namespace): string[] => namespace.spec?.finalizers ?? [];

function emptied(reader: View, namespace: Namespace, now: number): ReconcileResult<KubeObject> {
  const { name } = namespace.metadata;
  const content = contentOf(reader, name);
  const pods = (content.get('pods') ?? []) as Pod[];
  // Pods go before what they may need to end in good order.
  const left = pods.length > 0 ? new Map<string, KubeObject[]>([['pods', pods]]) : content;
  const unknown = undiscovered(reader);
  const due = pods.some(({ metadata }) => metadata.finalizers?.length) ? undefined : patience(namespace, pods);
  const stuck = due !== undefined && now >= due;
  // While there are pods the real one says nothing of what remains.
  const told = pods.length > 0 ? new Map<string, KubeObject[]>() : left;
  const statusWith = (failure: string | undefined) => ({
    ...namespace.status,
    phase: 'Terminating',
    conditions: conditionsOf(namespace, told, { unknown, failure }, now),
  });
  const anyVersion: KubeObject = unversioned(namespace);
  const write = (status: object): Write<KubeObject> => ({
    verb: 'update',
    subresource: 'status',
    object: { ...anyVersion, status },
  });
  const failures = new Map<string, string>();
  const refused = (resource: string, message: string): Write<KubeObject>[] => {
    if (failures.has(resource)) return [];
    failures.set(resource, message);
    return [write(statusWith(notDeleted([...failures.values()])))];
  };
  const status = statusWith(stuck ? unexpected(name) : undefined);
  const deletions = [...left].flatMap(([resource, objects]) => deletionsOf(name, resource, objects, refused));
  // As long as something is refused its condition is not taken back in between.
  const waits = deletions.length > 0 && namespace.status?.conditions?.some(isContentFailure);
  const writes = waits || sameData(status, namespace.status) ? deletions : [write(status), ...deletions];
  if (left.size === 0 && unknown.length === 0) {
    // Whoever else holds the namespace sees in its status that nothing is left in it.
    const rest = finalizersLeft(namespace)
      .filter((finalizer) => finalizer !== FINALIZER)
      .sort();
    const finalized = { ...anyVersion, spec: { ...namespace.spec, finalizers: rest } };
    return { writes: [...writes, { verb: 'update', subresource: 'finalize', object: finalized }] };
  }
  const next = [...(due === undefined || stuck ? [] : [due]), ...(deletions.length > 0 ? [now + RETRY] : [])];
  return { writes, ...(next.length > 0 ? { requeueAt: Math.min(...next) } : {}) };
}

const isContentFailure = ({ type, status }: Condition): boolean =>
  type === 'NamespaceDeletionContentFailure' && status === 'True';

/** What is refused does not keep the rest from going. */
const deletionsOf = (
  namespace: string,
  resource: string,
  objects: KubeObject[],
  refused: (resource: string, message: string) => Write<KubeObject>[],
): Write<KubeObject>[] =>
  objects
    .filter((object) => !object.metadata.deletionTimestamp)
    .map((object) => ({
      verb: 'delete',
      resource,
      namespace,
      name: object.metadata.name,
      uid: object.metadata.uid as string,
      propagationPolicy: 'Background',
      bestEffort: true,
      refused: (message) => refused(resource, message),
    }));

/** When its pods should have ended; undefined without any. */
function patience({ metadata }: KubeObject, pods: Pod[]): number | undefined {
  if (pods.length === 0) return undefined;
  const grace = pods.filter((pod) => !isFinished(pod)).map((pod) => pod.spec.terminationGracePeriodSeconds ?? 0);
  return milliseconds(metadata.deletionTimestamp) + Math.max(0, ...grace) * 1000 + 1000;
}

const notDeleted = (errors: string[]): string =>
  `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(', ')}`;

const unexpected = (namespace: string): string =>
  notDeleted([`unexpected items still remain in namespace: ${namespace} for gvr: /v1, Resource=pods`]);

/** Versions of groups whose server does not answer: what they have in the namespace nobody knows. */
const undiscovered = (reader: View): string[] =>
  reader
    .list(API_SERVICES)
    .filter(isUnavailable)
    .map(({ spec }) => `${spec.group}/${spec.version}`)
    .sort();

interface Findings {
  unknown: string[];
  /** Why content could not be deleted. */
  failure: string | undefined;
}

/** Objects of the namespace by resource. Events of the deletions themselves are content too. */
function contentOf(reader: View, namespace: string): Map<string, KubeObject[]> {
  const left = new Map<string, KubeObject[]>();
  for (const resource of reader.resources?.() ?? []) {
    const objects = reader.list(resource, namespace);
    if (objects.length > 0) left.set(resource, objects);
  }
  return new Map([...left].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function conditionsOf(
  namespace: Namespace,
  left: Map<string, KubeObject[]>,
  { unknown, failure }: Findings,
  now: number,
): Condition[] {
  const remaining = [...left].filter(([, objects]) => objects.some((object) => object.metadata.deletionTimestamp));
  const what = remaining.map(([resource, objects]) => `${dotted(resource)} has ${objects.length} resource instances`);
  const who = finalizersOf(remaining).map(([name, n]) => `${name} in ${n} resource instances`);
  const trouble: [type: string, isThere: boolean, there: Told, not: Told][] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      unknown.length > 0,
      ['DiscoveryFailed', discoveryFailure(unknown)],
      ['ResourcesDiscovered', 'All resources successfully discovered'],
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      ['', ''],
      ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    ],
    [
      'NamespaceDeletionContentFailure',
      failure !== undefined,
      ['ContentDeletionFailed', failure ?? ''],
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ],
    [
      'NamespaceContentRemaining',
      what.length > 0,
      ['SomeResourcesRemain', `Some resources are remaining: ${what.join(', ')}`],
      ['ContentRemoved', 'All content successfully removed'],
    ],
    [
      'NamespaceFinalizersRemaining',
      who.length > 0,
      ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${who.join(', ')}`],
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ],
  ];
  return trouble.reduce<Condition[]>((list, [type, isThere, there, not]) => {
    const [reason, message] = isThere ? there : not;
    const status = isThere ? 'True' : 'False';
    return withCondition(list, { type, status, lastTransitionTime: timestamp(now), reason, message });
  }, namespace.status?.conditions ?? []);
}

type Told = [reason: string, message: string];

/** How many objects each finalizer holds, by its name. */
function finalizersOf(remaining: [string, KubeObject[]][]): [string, number][] {
  const finalizers = new Map<string, number>();
  for (const finalizer of remaining.flatMap(([, objects]) => objects.flatMap((o) => o.metadata.finalizers ?? [])))
    finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  return [...finalizers].sort(([a], [b]) => (a < b ? -1 : 1));
}

const discoveryFailure = (unknown: string[]): string => {
  const each = unknown.map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  return `Discovery failed for some groups, ${unknown.length} failing: unable to retrieve the complete list of server APIs: ${each.join(', ')}`;
};

/** `pods.` for the core group, `deployments.apps` for others. */
const dotted = (resource: string): string => (resource.includes('.') ? resource : `${resource}.`);
