/**
 * A component's write, straight on the store: the same stages as a client's, without HTTP, without reading what the pump's view has
 * already, and without validating what our own components made. Synchronous and cheap.
 */

import type { Catalog } from '../../catalog/catalog.ts';
import { type Kind, storageKey } from '../../catalog/kinds.ts';
import type { KeyValue, RequestOp } from '../../etcd/types.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { eventName } from '../../objects/events.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { alreadyExists, badRequest, notFound } from '../../objects/status.ts';
import { timestamp } from '../../objects/time.ts';
import { builtIn } from '../../resources/built-in.ts';
import type { Random } from '../../simulation/random.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { decodeValue } from '../codec/decode.ts';
import type { DynamicAdmission } from '../dynamic-admission/dynamic-admission.ts';
import type { ClusterConfig } from '../storage/storage.ts';
import { parseStored } from '../storage/stored.ts';
import type { Author } from './author.ts';
import { admitBinding, admitScale } from './component-subresource.ts';
import { decideCreation } from './creation.ts';
import {
  chargeOf,
  type Decision,
  type DecisionContext,
  type Place,
  type Seen,
  stageContext,
  stepsOf,
  storing,
  withVersion,
} from './decision.ts';
import { EventForms } from './event-form.ts';
import { admitToNamespace } from './places.ts';
import { decideEnd, decideRemoval, isUnfinished, type Removed } from './removal.ts';
import { checkVersion, decideReplacement } from './replacement.ts';

/** What a component's write asks of the store: all of it at once, so that nobody comes in between. */
export interface ComponentStorage {
  readonly revision: number;
  read(key: string): KeyValue | undefined;
  /** Commits each step at a revision of its own, all or none; answers the last. Throws `EtcdError`. */
  commit(steps: RequestOp[][]): number;
}

export interface WriteContext {
  /** The `manager` in managedFields. */
  manager: string;
  /** The cluster's time, milliseconds. */
  now: number;
  random: Random;
  /** The kinds that there are. */
  catalog: Catalog;
  config: Pick<ClusterConfig, 'serviceCIDR' | 'nodePortRange' | 'components'>;
  /** The cluster's objects as the store has them now, with their resourceVersions. Never changed. */
  view: View;
  /** The store's when the write was first tried, where that was before. */
  revision?: number;
  /** The cluster's policies and webhooks; absent where there are none. */
  dynamicAdmission?: DynamicAdmission;
}

/** Commits `write`; answers the object as it is stored, undefined when nothing was made or it is gone. Throws `StatusError`, `EtcdError`. */
export function applyWrite(
  storage: ComponentStorage,
  write: Write<KubeObject>,
  context: WriteContext,
): KubeObject | undefined {
  const writing = new Writing(storage, context);
  switch (write.verb) {
    case 'create':
      return writing.create(write.object, write.ignoreExisting ?? false);
    case 'update':
      return writing.update(write.object, write.subresource);
    case 'delete':
      return writing.remove(write);
    default:
      return write satisfies never;
  }
}

const QUOTAS = builtIn('resourcequotas');
const EVENTS = builtIn('events');
const eventForms = new EventForms();

function kindOf(object: KubeObject, { catalog }: WriteContext): Kind {
  const kind = catalog.kind(object.apiVersion, object.kind);
  if (!kind) throw badRequest(`no kind "${object.kind}" is registered for version "${object.apiVersion}"`);
  return kind;
}

/** One write under way. */
class Writing {
  readonly #storage: ComponentStorage;
  readonly #context: WriteContext;
  readonly #author: Author;
  /** The quotas that it is charged to. */
  readonly #charged: KubeObject[] = [];

  constructor(storage: ComponentStorage, context: WriteContext) {
    this.#storage = storage;
    this.#context = context;
    this.#author = { manager: context.manager, trusted: true };
  }

  create(given: KubeObject, ignoreExisting: boolean): KubeObject | undefined {
    const kind = kindOf(given, this.#context);
    const sent = this.#named(given);
    const namespace = kind.namespaced ? (sent.metadata.namespace ?? 'default') : undefined;
    const place = placeOf(kind, namespace);
    const { name } = sent.metadata;
    const current = name ? this.#current(place, name) : undefined;
    // Where policies or webhooks may have a say, the stages are asked each time; no quota counts events.
    const isTold = kind.name === EVENTS.name && !current && !this.#context.dynamicAdmission;
    const told = isTold ? this.#tell(place, sent) : undefined;
    if (told) return told;
    const object = canonical(kind, sent);
    if (current && ignoreExisting) {
      if (namespace !== undefined) admitToNamespace(kind, object, namespace, this.#context.view);
      return undefined;
    }
    const decision = decideCreation(place, object, this.#author, this.#seen(place, current));
    const made = object.metadata.name;
    if (name !== made && this.#current(place, made)) throw alreadyExists(kind, made);
    if (isTold) eventForms.learn(this.#context.manager, sent, object);
    return this.#commit(decision).object;
  }

  /** An event of a form that the stages have made before; undefined: they must be asked. */
  #tell(place: Place, sent: KubeObject): KubeObject | undefined {
    const { manager, now, random, view } = this.#context;
    const namespace = place.namespace!;
    admitToNamespace(EVENTS, sent, namespace, view);
    const told = eventForms.make(manager, sent, () => ({ uid: random.uid(), now: timestamp(now) }));
    if (!told) return undefined;
    const { object, text } = told;
    const put = { key: storageKey(EVENTS, namespace, object.metadata.name), value: text };
    return withVersion(object, this.#storage.commit([[{ put }]]));
  }

  update(sent: KubeObject, subresource: string | undefined): KubeObject | undefined {
    const kind = kindOf(sent, this.#context);
    const { name, namespace } = sent.metadata;
    const place = placeOf(kind, namespace);
    const old = this.#current(place, name);
    if (!old) throw notFound(kind, name);
    if (sent === old) return old;
    const decision = decideUpdate(place, sent, subresource, this.#author, (stage) => this.#seen(place, old, stage));
    const { object } = this.#commit(decision);
    return decision.operations.some((operation) => 'deleteRange' in operation) ? undefined : object;
  }

  remove(write: Write<KubeObject> & { verb: 'delete' }): KubeObject | undefined {
    const kind = this.#context.catalog.named(write.resource);
    if (!kind) throw badRequest(`no resource "${write.resource}"`);
    const { name } = write;
    const place = { ...placeOf(kind, write.namespace), name };
    const seen = this.#seen(place, this.#current(place, name));
    const removed = this.#commit<Removed>(decideRemoval(place, optionsOf(write), this.#author, seen));
    if (isUnfinished(removed)) this.#commit(decideEnd(place, removed, seen));
    return removed.deletion.outcome === 'deleted' ? undefined : removed.deletion.object;
  }

  /** An event's name tells when it was written. */
  #named(sent: KubeObject): KubeObject {
    if (sent.kind !== 'Event' || !sent.metadata.generateName) return sent;
    const { generateName, ...metadata } = sent.metadata;
    const name = eventName(generateName, this.#context.now, this.#context.revision ?? this.#storage.revision);
    return { ...sent, metadata: { ...metadata, name } };
  }

  #current({ kind, namespace }: Place, name: string): KubeObject | undefined {
    const seen = this.#context.view.get(kind.name, namespace, name);
    if (seen) return seen;
    const kv = this.#storage.read(storageKey(kind, namespace, name));
    return kv && parseStored(kind, kv);
  }

  #seen({ namespace }: Place, current: KubeObject | undefined, subresource?: string): Seen {
    const { now, view } = this.#context;
    const context: DecisionContext = stageContext({ ...this.#context, charged: this.#charged });
    if (namespace !== undefined) context.namespace = namespace;
    if (subresource !== undefined) context.subresource = subresource;
    const name = current?.metadata.name;
    if (name !== undefined) context.name = name;
    if (this.#context.dynamicAdmission) context.dynamicAdmission = this.#context.dynamicAdmission;
    return { now, current, view, context };
  }

  #commit<T>({ operations, answer }: Decision<T>): T {
    if (operations.length === 0) return answer(0);
    const charges = this.#charged.splice(0).map((quota) => chargeOf(QUOTAS, quota));
    return answer(this.#storage.commit(stepsOf(charges, operations)));
  }
}

const placeOf = (kind: Kind, namespace: string | undefined): Place => ({
  kind,
  ...(namespace === undefined ? {} : { namespace }),
});

/** What the client library would send: Go's printing of it, and a copy of one's own. */
function canonical(kind: Kind, sent: KubeObject): KubeObject {
  const { struct } = kind;
  if (!struct) return cloneJSON(sent);
  const object = decodeValue(struct, sent).value as KubeObject;
  object.apiVersion = sent.apiVersion;
  object.kind = sent.kind;
  return object;
}

function decideUpdate(
  place: Place,
  sent: KubeObject,
  subresource: string | undefined,
  author: Author,
  seen: (stage: string | undefined) => Seen,
) {
  if (subresource === 'binding') {
    const { now, current, context } = seen(undefined);
    checkVersion(place, sent, current!, author);
    admitBinding(place, sent, context);
    // The registry's own update: no strategy, nobody's in managedFields.
    return storing(place, { ...sent, metadata: { ...sent.metadata } }, now);
  }
  // Stages change objects in place, and what the reconciler saw is shared: of that they have a copy, or put one in its place.
  const object: KubeObject =
    subresource === 'status'
      ? { ...sent, metadata: { ...sent.metadata }, status: cloneJSON(sent.status) }
      : cloneJSON(sent);
  dropEmpty(object.metadata);
  // A scale is a change of the whole object, through a door that admission and field managers know.
  if (subresource === 'scale') {
    const found = seen(undefined);
    admitScale(place, object, found.current!, found.context);
    return decideReplacement(place, object, { ...author, subresource, isAdmitted: true }, found);
  }
  return decideReplacement(place, object, author, seen(subresource));
}

/** Go prints none of these when they are empty. */
function dropEmpty(metadata: KubeObject['metadata']): void {
  for (const field of ['ownerReferences', 'finalizers', 'labels', 'annotations'] as const) {
    const value = metadata[field];
    if (value && Object.keys(value).length === 0) delete metadata[field];
  }
}

const optionsOf = (write: Write<KubeObject> & { verb: 'delete' }) => ({
  ...(write.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: write.gracePeriodSeconds }),
  ...(write.propagationPolicy === undefined ? {} : { propagationPolicy: write.propagationPolicy }),
  preconditions: {
    ...(write.uid === undefined ? {} : { uid: write.uid }),
    ...(write.resourceVersion === undefined ? {} : { resourceVersion: write.resourceVersion }),
  },
  dryRun: false,
});
