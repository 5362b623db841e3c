/**
 * What of an object a write may change at all: not the status, but through its own door, and not what is the system's. It holds for what a
 * client sends, and for what policies and webhooks make of it. Source: rest.BeforeCreate, rest.BeforeUpdate and the strategies' PrepareFor….
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { StageContext } from '../../catalog/strategy.ts';
import { cloneJSON } from '../../objects/clone.ts';
import type { KubeObject, ObjectMeta } from '../../objects/object.ts';
import { emptyObject } from '../codec/zero.ts';
import type { Author } from './author.ts';

export const hasStatus = (kind: Kind): boolean => kind.subresources.some((s) => s.name === 'status');

/** In place. */
export function boundCreation(kind: Kind, object: KubeObject, context: StageContext): void {
  object.metadata ??= {} as KubeObject['metadata'];
  if (kind.namespaced) object.metadata.namespace = context.namespace;
  else delete object.metadata.namespace;
  if (hasStatus(kind) && !kind.strategy.keepsStatusOnCreate) resetStatus(kind, object, undefined);
  wipeSystemFields(object.metadata);
}

/** In place. `object` must not share parts that a stage may change with `old`. */
export function boundUpdate(kind: Kind, object: KubeObject, old: KubeObject, { subresource }: StageContext): void {
  if (subresource === 'status') {
    onlyStatus(object, old);
    if (kind.strategy.statusKeepsMetadata)
      for (const field of KEPT_BY_STATUS) keep(object.metadata, old.metadata, field);
  } else if (subresource === 'finalize') onlyFinalizers(object, old);
  else if (hasStatus(kind) && !subresource) resetStatus(kind, object, old);
}

const KEPT_BY_STATUS = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** What a client may not bring, whatever it sends. Source: rest.WipeObjectMetaSystemFields. */
function wipeSystemFields(metadata: ObjectMeta): void {
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const) delete metadata[field];
}

/** Status belongs to its own subresource: elsewhere it is what it was. */
function resetStatus(kind: Kind, object: KubeObject, old: KubeObject | undefined): void {
  if (old) {
    if (old.status === undefined) delete object.status;
    else object.status = cloneJSON(old.status);
  } else if (printsEmptyStatus(kind)) object.status = emptyObject(kind.struct!).status;
  else delete object.status;
}

/** Go prints a struct that is there even when it is empty; a pointer, or one marked `omitzero`, it leaves out. */
function printsEmptyStatus(kind: Kind): boolean {
  const field = kind.struct?.byName.get('status');
  return field !== undefined && !field.type.pointer && field.omit !== 'zero';
}

/** What is not status is a copy of what it was: defaults change in place what others read. */
function onlyStatus(object: KubeObject, old: KubeObject): void {
  for (const field of Object.keys(object))
    if (field !== 'status' && field !== 'metadata' && !(field in old)) delete object[field];
  for (const [field, value] of Object.entries(old))
    if (field !== 'status' && field !== 'metadata') object[field] = cloneJSON(value);
}

/** The namespace controller's door: `spec.finalizers` and nothing else. */
function onlyFinalizers(object: KubeObject, old: KubeObject): void {
  const finalizers = object.spec?.finalizers;
  object.spec = { ...old.spec, ...(finalizers?.length ? { finalizers } : {}) };
  if (!finalizers?.length) delete object.spec.finalizers;
  object.status = old.status;
}

/** What no client may change, and may leave out. */
export function keepSystemFields(object: KubeObject, old: KubeObject, author: Author): void {
  const metadata = object.metadata;
  const before = old.metadata;
  metadata.name ||= before.name;
  metadata.uid ||= before.uid;
  metadata.creationTimestamp = before.creationTimestamp;
  if (before.namespace !== undefined) metadata.namespace ||= before.namespace;
  else delete metadata.namespace;
  keep(metadata, before, 'generation');
  if (before.deletionTimestamp !== undefined || author.trusted) keep(metadata, before, 'deletionTimestamp');
  if (metadata.deletionGracePeriodSeconds === undefined || author.trusted)
    keep(metadata, before, 'deletionGracePeriodSeconds');
}

function keep<Field extends Exclude<keyof ObjectMeta, 'name'>>(
  metadata: ObjectMeta,
  before: ObjectMeta,
  field: Field,
): void {
  if (before[field] === undefined) delete metadata[field];
  else metadata[field] = before[field];
}
