/**
 * What a deletion does to an object: end it, or mark it and wait for its grace period and its finalizers.
 * Source: k8s.io/apiserver/pkg/registry/rest/delete.go and registry/generic/registry/store.go.
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { CustomResourceDefinition } from '../../objects/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { conflict, forbidden, StatusError } from '../../objects/status.ts';
import { timestamp } from '../../objects/time.ts';
import { markedForCleanup } from '../../resources/apiextensions/cleanup.ts';
import type { DeleteOptions } from '../options.ts';

export type Deletion =
  /** Nothing to do: it is on its way already. */
  | { outcome: 'pending'; object: KubeObject }
  | { outcome: 'marked'; object: KubeObject }
  /** `object` is what it was at its end; `marked` where watchers see the mark first. */
  | { outcome: 'deleted'; object: KubeObject; marked: boolean };

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** Where both groups' events are. */
const EVENTS = 'events';
const IMMORTAL_NAMESPACES = new Set(['default', 'kube-system', 'kube-public']);

/** `admit` is asked where something is to come of it, and throws what is refused. Throws `StatusError`. */
export function decideDeletion(
  kind: Kind,
  current: KubeObject,
  options: DeleteOptions,
  now: number,
  admit: () => void,
): Deletion {
  checkPreconditions(kind, current, options);
  if (kind.name === 'namespaces') return deleteNamespace(kind, current, now, admit);
  if (kind.name === DEFINITIONS && !current.metadata.deletionTimestamp) {
    admit();
    return { outcome: 'marked', object: markedForCleanup(current as CustomResourceDefinition, now) as KubeObject };
  }
  const graceful = gracefully(kind, current, options, now);
  if (graceful.pending) return { outcome: 'pending', object: current };
  admit();
  let object = graceful.object;
  const finalizers = finalizersFor(kind, object, options);
  if (finalizers) object = { ...object, metadata: { ...object.metadata, finalizers } };
  const pendingFinalizers = (object.metadata.finalizers?.length ?? 0) > 0;
  if (graceful.marked) {
    if (graceful.period > 0 || pendingFinalizers) return { outcome: 'marked', object: tidy(object) };
    return { outcome: 'deleted', object: tidy(object), marked: true };
  }
  if (!pendingFinalizers) return { outcome: 'deleted', object: tidy(object), marked: false };
  if (object.metadata.deletionTimestamp && !finalizers && object.metadata.deletionGracePeriodSeconds === 0)
    return { outcome: 'pending', object };
  return { outcome: 'marked', object: tidy(mark(object, 0, now)) };
}

/** Throws 409 when the object is not the one, or not as it was, that the options mean. */
export function checkPreconditions(kind: Kind, current: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  // Namespaces have a registry of their own, and events of both groups share one.
  const of = {
    group: kind.equivalents[0]!.group,
    resource: kind.name === 'namespaces' ? kind.resource : kind.kind,
  };
  if (uid !== undefined && uid !== current.metadata.uid)
    throw conflict(
      of,
      current.metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${current.metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion)
    throw conflict(
      of,
      current.metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${current.metadata.resourceVersion}). The object might have been modified`,
    );
}

interface Graceful {
  object: KubeObject;
  /** A grace period runs already and is not shortened. */
  pending: boolean;
  /** The object now carries the mark, with this period. */
  marked: boolean;
  period: number;
}

function gracefully(kind: Kind, current: KubeObject, options: DeleteOptions, now: number): Graceful {
  const asked =
    options.gracePeriodSeconds === undefined
      ? undefined
      : options.gracePeriodSeconds < 0
        ? 1
        : options.gracePeriodSeconds;
  const metadata = current.metadata;
  const none: Graceful = { object: current, pending: false, marked: false, period: 0 };
  if (metadata.deletionTimestamp) {
    const running = metadata.deletionGracePeriodSeconds;
    if (!running) return none;
    if (asked === undefined || asked >= running) return { ...none, pending: true };
    const at = Date.parse(metadata.deletionTimestamp) - (running - asked) * 1000;
    const object = {
      ...current,
      metadata: { ...metadata, deletionTimestamp: timestamp(at), deletionGracePeriodSeconds: asked },
    };
    return { object, pending: false, marked: true, period: asked };
  }
  const period = kind.strategy.gracePeriodSeconds?.(current, asked);
  if (period === undefined) return none;
  return { object: mark(current, period, now), pending: false, marked: true, period };
}

/** A deletion changes what controllers should do, so it counts as a generation. */
function mark(object: KubeObject, period: number, now: number): KubeObject {
  const metadata = { ...object.metadata };
  if (!metadata.deletionTimestamp) {
    metadata.deletionTimestamp = timestamp(now + period * 1000);
    if (metadata.generation) metadata.generation++;
  }
  metadata.deletionGracePeriodSeconds = period;
  return { ...object, metadata };
}

/** Undefined: as they are. */
function finalizersFor(kind: Kind, object: KubeObject, options: DeleteOptions): string[] | undefined {
  const before = object.metadata.finalizers ?? [];
  const kept = before.filter((f) => f !== ORPHAN && f !== FOREGROUND);
  const wanted = shouldOrphan(kind, before, options)
    ? [...kept, ORPHAN]
    : shouldWait(kind, before, options)
      ? [...kept, FOREGROUND]
      : kept;
  return wanted.length === before.length && wanted.every((f) => before.includes(f)) ? undefined : wanted;
}

function shouldOrphan(kind: Kind, before: string[], options: DeleteOptions): boolean {
  if (kind.storage === EVENTS) return false;
  if (options.orphanDependents !== undefined) return options.orphanDependents;
  if (options.propagationPolicy) return options.propagationPolicy === 'Orphan';
  if (before.includes(ORPHAN)) return true;
  if (before.includes(FOREGROUND)) return false;
  return kind.strategy.defaultPropagation === 'Orphan';
}

function shouldWait(kind: Kind, before: string[], options: DeleteOptions): boolean {
  if (kind.storage === EVENTS) return false;
  if (options.orphanDependents !== undefined) return false;
  if (options.propagationPolicy) return options.propagationPolicy === 'Foreground';
  return before.includes(FOREGROUND) && !before.includes(ORPHAN);
}

/** A namespace waits for its controller, which empties it and then takes `spec.finalizers` away. */
function deleteNamespace(kind: Kind, current: KubeObject, now: number, admit: () => void): Deletion {
  const name = current.metadata.name;
  if (IMMORTAL_NAMESPACES.has(name)) throw forbidden(kind, name, 'this namespace may not be deleted');
  if (current.metadata.deletionTimestamp) {
    if (current.spec?.finalizers?.length > 0)
      throw new StatusError(
        409,
        'Conflict',
        `Operation cannot be fulfilled on namespaces "${name}": The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.`,
        { name, kind: 'namespaces' },
      );
    admit();
    if (current.metadata.finalizers?.length) return { outcome: 'pending', object: current };
    return { outcome: 'deleted', object: current, marked: false };
  }
  admit();
  const metadata = { ...current.metadata, deletionTimestamp: timestamp(now) };
  return {
    outcome: 'marked',
    object: { ...current, metadata, status: { ...current.status, phase: 'Terminating' } },
  };
}

function tidy(object: KubeObject): KubeObject {
  if (object.metadata.finalizers?.length !== 0) return object;
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Kinds whose deletion answers with the object and not with a Status. */
const ANSWERS_WITH_OBJECT = new Set([
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
]);

export const answersWithObject = (kind: Kind): boolean =>
  kind.group === 'resource.k8s.io' || ANSWERS_WITH_OBJECT.has(kind.name);
