/** For tests of controllers: objects as reconcilers see them, and in one line each what a reconcile writes. */
import { apiVersionOf, type Kind } from '../catalog/kinds.ts';
import type { ClusterReconciler } from '../objects/cluster-reconciler.ts';
import type { ObjectMeta } from '../objects/object.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { nodePlaces } from '../resources/core/pod/places.ts';
import { frozen } from '../simulation/frozen.ts';
import { type Change, type Found, ObjectIndex } from '../simulation/object-index.ts';
import { createRandom } from '../simulation/random.ts';
import type { ReconcileResult, Write } from '../simulation/reconciler.ts';
import { eventKey } from './event-correlation.ts';
import { orphanPlaces, podCountedAs } from './pod-groups.ts';
import { claimPlaces } from './volumes/volume-protection.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests write and read objects of whichever kind
type KubeObject = any;

export const NOW = Date.parse('2026-01-05T10:00:00Z');
export const SECOND = 1000;
export const NAMESPACE = 'ns';

type Parts = Omit<Partial<KubeObject>, 'metadata'> & { metadata?: Partial<ObjectMeta> };

/** The kind of this name, in its first group. */
function kindNamed(name: string): Kind {
  const kind = BUILT_IN.kinds.find((known) => known.kind === name);
  if (!kind) throw new Error(`no kind ${name}`);
  return kind;
}

/** An object with what every one has: `KIND/NAME` for a uid, the namespace `ns` where its kind has one, made a minute before `NOW`. */
export function object(kind: string, name: string, { metadata, ...rest }: Parts = {}): KubeObject {
  const known = kindNamed(kind);
  return {
    apiVersion: apiVersionOf(known),
    kind,
    metadata: {
      name,
      ...(known.namespaced ? { namespace: NAMESPACE } : {}),
      uid: `${kind}/${name}`,
      resourceVersion: '7',
      creationTimestamp: new Date(NOW - 60 * SECOND).toISOString().replace('.000', ''),
      ...metadata,
    },
    ...rest,
  };
}

/** An owner reference to it. */
export const ownedBy = (owner: KubeObject, controller = true): ObjectMeta['ownerReferences'] & {} => [
  {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller,
    blockOwnerDeletion: true,
  },
];

function foundBy(found: KubeObject): Found {
  if (found.kind === 'Event') return { places: [eventKey(found.involvedObject.uid)] };
  const owners = found.metadata.ownerReferences?.map(({ uid }: { uid: string }) => uid) ?? [];
  if (found.kind !== 'Pod') return { places: owners };
  const places = [...owners, ...nodePlaces(found), ...claimPlaces(found), ...orphanPlaces(found)];
  return { places, counted: podCountedAs(found) };
}

const resourceOf = ({ kind }: KubeObject): string => {
  const { group, resource } = kindNamed(kind);
  return group ? `${resource}.${group}` : resource;
};

export function changeTo(object: KubeObject, revision = 1): Change<KubeObject> {
  const { namespace, name } = object.metadata;
  return { resource: resourceOf(object), namespace, name, revision, new: frozen(object) };
}

/** The objects at one revision; nobody can change them. */
export function viewOf(objects: KubeObject[]): ObjectIndex<KubeObject> {
  const index = new ObjectIndex<KubeObject>(foundBy);
  for (const [i, object] of objects.entries()) index.apply(changeTo(object, i + 1));
  return index;
}

export function reconciled(
  controller: ClusterReconciler,
  key: string,
  objects: KubeObject[],
  when: { now?: number; requeueAt?: number } = {},
): ReconcileResult<KubeObject> {
  const context = { now: NOW, random: createRandom('seed', 'test'), ...when };
  return controller.reconcile(viewOf(objects), key, context);
}

/** Whom of its keys a change concerns. */
export const keysOf = (
  controller: ClusterReconciler,
  change: { old?: KubeObject; new?: KubeObject },
  objects: KubeObject[] = [],
): string[] => {
  const resource = resourceOf((change.new ?? change.old)!);
  return controller.watches
    .filter((watch) => watch.resource === resource || watch.resource === '*')
    .flatMap((watch) => watch.keys({ resource, ...change }, viewOf(objects)));
};

/** A write in a line: `create Pod web-`, `update Pod/status a`, `delete pods a`, `event Killing: Stopping it`. */
export function line(write: Write<KubeObject>): string {
  if (write.verb === 'delete') return `delete ${write.resource} ${write.name}`;
  const { kind, metadata, reason, message } = write.object;
  if (kind === 'Event') return `event ${reason}: ${message}`;
  const what = write.verb === 'update' && write.subresource ? `${kind}/${write.subresource}` : kind;
  return `${write.verb} ${what} ${metadata.name ?? metadata.generateName}`;
}

export const lines = ({ writes }: ReconcileResult<KubeObject>): string[] => writes.map(line);

/** The object of the first write of this line. Throws when there is none. */
export function written({ writes }: ReconcileResult<KubeObject>, wanted: string): KubeObject {
  for (const write of writes) if (write.verb !== 'delete' && line(write) === wanted) return write.object;
  throw new Error(`no "${wanted}" among ${JSON.stringify(writes.map(line))}`);
}

/** How many names were generated. */
let generated = 0;

/** The objects with what a reconcile wrote, events apart: what has no name gets one, and what is deleted is gone at once. */
export function applied(objects: KubeObject[], { writes }: ReconcileResult<KubeObject>): KubeObject[] {
  const byId = new Map(objects.map((object) => [idOf(object), object]));
  for (const write of writes) {
    if (write.verb === 'delete') {
      for (const [id, object] of byId)
        if (resourceOf(object) === write.resource && object.metadata.name === write.name) byId.delete(id);
      continue;
    }
    const { kind, metadata } = write.object;
    if (kind === 'Event') continue;
    const name = metadata.name ?? `${metadata.generateName}${generated++}`;
    const known = { uid: `${kind}/${name}`, resourceVersion: '8', creationTimestamp: '2026-01-05T10:00:00Z' };
    const made = { ...write.object, metadata: { ...known, ...metadata, name } };
    byId.set(idOf(made), made);
  }
  return [...byId.values()];
}

const idOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
