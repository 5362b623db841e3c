/**
 * A component's write, straight on the store: the same stages as a client's, without HTTP, without reading what the pump's view has
 * already, and without validating what our own components made. Synchronous and cheap.
 */

import { findByName, findKind, type Kind, storageKey } from '../catalog/kinds.ts';
import { findSchema } from '../catalog/schema.ts';
import type { StageContext } from '../catalog/strategy.ts';
import type { Store } from '../etcd/store.ts';
import type { RequestOp } from '../etcd/types.ts';
import { cloneJSON } from '../objects/clone.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { alreadyExists, badRequest, conflict, notFound } from '../objects/status.ts';
import { timestamp } from '../objects/time.ts';
import type { Random } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';
import { decodeValue } from './codec/decode.ts';
import { decideDeletion } from './deletion.ts';
import { groupResource } from './pipeline.ts';
import {
  type Author,
  admitDeletion,
  admitToNamespace,
  endsWithUpdate,
  prepareCreate,
  prepareUpdate,
} from './stages.ts';
import type { ClusterConfig } from './storage.ts';
import { parseStored, storedText } from './stored.ts';
import { MODIFIED } from './update.ts';

export interface WriteContext {
  /** The `manager` in managedFields. */
  manager: string;
  /** The cluster's time, milliseconds. */
  now: number;
  random: Random;
  config: Pick<ClusterConfig, 'serviceCIDR' | 'nodePortRange' | 'components'>;
  /** The cluster's objects as the store has them now, with their resourceVersions. Never changed. */
  view: View;
}

/** One write under way, with the quotas that it is charged to. */
type Writing = WriteContext & { charged: KubeObject[] };

/** Commits `write`; answers the object as it is stored, undefined when nothing was made or it is gone. Throws `StatusError`, `EtcdError`. */
export function applyWrite(store: Store, write: Write<KubeObject>, writer: WriteContext): KubeObject | undefined {
  const context: Writing = { ...writer, charged: [] };
  switch (write.verb) {
    case 'create':
      return create(store, write.object, write.ignoreExisting ?? false, context);
    case 'update':
      return update(store, write.object, write.subresource, context);
    case 'delete':
      return remove(store, write, context);
    default:
      return write satisfies never;
  }
}

function kindOf(object: KubeObject): Kind {
  const kind = findKind(object.apiVersion, object.kind);
  if (!kind) throw badRequest(`no kind "${object.kind}" is registered for version "${object.apiVersion}"`);
  return kind;
}

function stageContext(context: Writing, namespace: string | undefined, subresource?: string): StageContext {
  return {
    now: timestamp(context.now),
    random: context.random,
    ...(namespace === undefined ? {} : { namespace }),
    view: context.view,
    serviceCIDR: context.config.serviceCIDR,
    nodePortRange: context.config.nodePortRange,
    disabledAdmissionPlugins: context.config.components.disabledAdmissionPlugins,
    ...(subresource === undefined ? {} : { subresource }),
    dryRun: false,
    charge: (quota) => void context.charged.push(quota),
  };
}

const author = (context: WriteContext): Author => ({ manager: context.manager, trusted: true });

const resourceName = (kind: Kind): string => (kind.group ? `${kind.resource}.${kind.group}` : kind.resource);

function current(store: Store, context: WriteContext, kind: Kind, namespace: string | undefined, name: string) {
  const seen = context.view.get(resourceName(kind), namespace, name);
  if (seen) return seen;
  const kv = store.range({ key: storageKey(kind, namespace, name) }).kvs[0];
  return kv && parseStored(kind, kv);
}

function commit(store: Store, { charged }: Writing, object: KubeObject, operation: RequestOp): KubeObject {
  const charges = charged.splice(0);
  // All or nothing: the database may be full between two of them.
  if (charges.length > 0) return store.atomically(() => chargeAndCommit(store, charges, object, operation));
  return commitOne(store, object, operation);
}

function chargeAndCommit(store: Store, charges: KubeObject[], object: KubeObject, operation: RequestOp): KubeObject {
  for (const quota of charges) {
    const { namespace, name } = quota.metadata;
    store.put({ key: storageKey(findByName('resourcequotas')!, namespace, name), value: storedText(quota) });
  }
  return commitOne(store, object, operation);
}

function commitOne(store: Store, object: KubeObject, operation: RequestOp): KubeObject {
  object.metadata.resourceVersion = String(store.send({ compare: [], success: [operation] }).revision);
  return object;
}

function create(store: Store, sent: KubeObject, ignoreExisting: boolean, context: Writing) {
  const kind = kindOf(sent);
  const namespace = kind.namespaced ? (sent.metadata.namespace ?? 'default') : undefined;
  const object = canonical(kind, sent);
  if (namespace !== undefined) admitToNamespace(kind, object, namespace, context.view);
  const exists = (name: string): boolean => current(store, context, kind, namespace, name) !== undefined;
  if (object.metadata.name && exists(object.metadata.name)) {
    if (ignoreExisting) return undefined;
    throw alreadyExists(groupResource(kind), object.metadata.name);
  }
  prepareCreate(kind, object, author(context), stageContext(context, namespace));
  const { name } = object.metadata;
  if (sent.metadata.name !== name && exists(name)) throw alreadyExists(groupResource(kind), name);
  return commit(store, context, object, { put: { key: storageKey(kind, namespace, name), value: storedText(object) } });
}

/** What the client library would send: Go's printing of it, and a copy of one's own. */
function canonical(kind: Kind, sent: KubeObject): KubeObject {
  const struct = findSchema(kind.schema);
  if (!struct) return cloneJSON(sent);
  const object = decodeValue(struct, sent).value as KubeObject;
  object.apiVersion = sent.apiVersion;
  object.kind = sent.kind;
  return object;
}

function update(store: Store, sent: KubeObject, subresource: string | undefined, context: Writing) {
  const kind = kindOf(sent);
  const { name, namespace, resourceVersion } = sent.metadata;
  const old = current(store, context, kind, namespace, name);
  if (!old) throw notFound(groupResource(kind), name);
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
    throw conflict(groupResource(kind), name, MODIFIED);
  const key = storageKey(kind, namespace, name);
  if (subresource === 'binding') {
    // The registry's own update: no strategy, nobody's in managedFields.
    const bound = { ...sent, metadata: { ...sent.metadata } };
    return commit(store, context, bound, { put: { key, value: storedText(bound) } });
  }
  // Stages change objects in place, and what the reconciler saw is shared: of that they have a copy, or put one in its place.
  const object: KubeObject =
    subresource === 'status'
      ? { ...sent, metadata: { ...sent.metadata }, status: cloneJSON(sent.status) }
      : cloneJSON(sent);
  dropEmpty(object.metadata);
  const { by, stage } = way(subresource);
  const prepared = prepareUpdate(
    kind,
    object,
    old,
    { ...author(context), ...by },
    stageContext(context, namespace, stage),
  );
  if (!prepared) return old;
  if (!endsWithUpdate(prepared)) return commit(store, context, prepared, { put: { key, value: storedText(prepared) } });
  commit(store, context, prepared, { deleteRange: { key } });
  return undefined;
}

/** A scale is a change of the whole object, through a door that admission and field managers know. */
const way = (subresource: string | undefined) =>
  subresource === 'scale' ? { by: { subresource }, stage: undefined } : { by: {}, stage: subresource };

/** Go prints none of these when they are empty. */
function dropEmpty(metadata: KubeObject['metadata']): void {
  for (const field of ['ownerReferences', 'finalizers', 'labels', 'annotations'] as const) {
    const value = metadata[field];
    if (value && Object.keys(value).length === 0) delete metadata[field];
  }
}

function remove(store: Store, write: Write<KubeObject> & { verb: 'delete' }, context: Writing) {
  const kind = findByName(write.resource);
  if (!kind) throw badRequest(`no resource "${write.resource}"`);
  const { namespace, name } = write;
  const old = current(store, context, kind, namespace, name);
  if (!old) throw notFound(groupResource(kind), name);
  const preconditions = {
    ...(write.uid === undefined ? {} : { uid: write.uid }),
    ...(write.resourceVersion === undefined ? {} : { resourceVersion: write.resourceVersion }),
  };
  const options = {
    ...(write.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: write.gracePeriodSeconds }),
    ...(write.propagationPolicy === undefined ? {} : { propagationPolicy: write.propagationPolicy }),
    preconditions,
    dryRun: false,
  };
  admitDeletion(kind, old, author(context), stageContext(context, namespace));
  const deletion = decideDeletion(kind, old, options, context.now);
  if (deletion.outcome === 'pending') return old;
  const key = storageKey(kind, namespace, name);
  if (deletion.outcome === 'marked' || deletion.marked)
    commit(store, context, deletion.object, { put: { key, value: storedText(deletion.object) } });
  if (deletion.outcome === 'marked') return deletion.object;
  commit(store, context, { ...deletion.object, metadata: { ...deletion.object.metadata } }, { deleteRange: { key } });
  return undefined;
}
