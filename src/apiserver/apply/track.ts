/**
 * Who set which field, kept on create, update and patch.
 * Source: k8s.io/apimachinery/pkg/util/managedfields and structured-merge-diff/merge/update.go.
 */
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import { isJSONObject } from '../../objects/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../objects/object.ts';
import { type Comparison, compare } from './compare.ts';
import { capUpdaters, type Entry, isEntryOf, readEntries, writeEntries } from './entries.ts';
import { difference, type FieldSet, union, without } from './field-set.ts';
import { type ObjectType, typeOf } from './object-type.ts';
import { resetFieldsOf } from './reset-fields.ts';
import { ListItemError } from './shape.ts';

export interface TrackedUpdate {
  kind: Kind;
  /** The stored object; absent on create. */
  old?: KubeObject;
  /** The object after decoding and defaults, before admission and `prepareFor…`; its managedFields are set in place. */
  object: KubeObject;
  manager: string;
  subresource?: string;
  /** RFC 3339, to the second. */
  now: string;
}

/** Never part of a set. */
const STRIPPED: readonly string[][] = [
  ['apiVersion'],
  ['kind'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  ['metadata', 'uid'],
  ['metadata', 'clusterName'],
  ['metadata', 'generation'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
];

const STRIPPED_METADATA = new Set(STRIPPED.flatMap(([root, field]) => (root === 'metadata' && field ? [field] : [])));

export const strip = (set: FieldSet | undefined): FieldSet | undefined => withoutMetadataItself(without(set, STRIPPED));

function withoutMetadataItself(set: FieldSet | undefined): FieldSet | undefined {
  const metadata = set?.['f:metadata'];
  if (!set || !metadata || !('.' in metadata)) return set;
  const { '.': _, ...rest } = metadata;
  return { ...set, 'f:metadata': rest };
}

const keyOf = ({ kind, manager, subresource = '' }: TrackedUpdate) => ({
  manager: manager || 'unknown',
  operation: 'Update' as const,
  apiVersion: apiVersionOf(kind),
  subresource,
});

/** Scaling goes through another object's managedFields, where the time gets lost. */
const timeOf = ({ subresource, now }: TrackedUpdate) => (subresource === 'scale' ? {} : { time: now });

/** An update that sends `managedFields: []` or one empty entry wants them gone. */
function isReset(managedFields: ManagedFieldsEntry[] | undefined | null): boolean {
  if (!managedFields) return false;
  return managedFields.length === 0 || (managedFields.length === 1 && Object.keys(managedFields[0]!).length === 0);
}

/** What an update may bring in its own managedFields; else what is stored. */
function currentEntries({ old, object, subresource }: TrackedUpdate): Entry[] {
  const sent = object.metadata.managedFields;
  if (!subresource) {
    if (isReset(sent)) return [];
    const entries = sent?.length ? readEntries(sent) : undefined;
    if (entries?.length) return entries;
  }
  return readEntries(old?.metadata.managedFields) ?? [];
}

/** Sets `object.metadata.managedFields`. An object of a kind without a schema is left as it is. */
export function trackUpdate(update: TrackedUpdate): void {
  const { kind, old, object } = update;
  const type = typeOf(kind);
  if (!type) return;
  const entries = currentEntries(update);
  if (old && entries.length === 0) {
    delete object.metadata.managedFields;
    return;
  }
  try {
    const next =
      !old && entries.length === 0
        ? firstEntries(update, type)
        : nextEntries(update, entries, compare(type.shape, unmanaged(old ?? type.empty), unmanaged(object)));
    setManagedFields(object, next);
  } catch (error) {
    if (!(error instanceof ListItemError)) throw error;
    setManagedFields(object, readEntries(old?.metadata.managedFields) ?? []);
  }
}

export function setManagedFields(object: KubeObject, entries: Entry[]): void {
  const managedFields = writeEntries(entries);
  if (managedFields) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

/** Without who manages it, which belongs to nobody and may be much. */
function unmanaged(object: Record<string, unknown>): Record<string, unknown> {
  const { metadata } = object;
  if (!isJSONObject(metadata) || !('managedFields' in metadata)) return object;
  const copy = { ...object };
  copy.metadata = omitted(metadata, 'managedFields');
  return copy;
}

/** A copy of a map without a field, which is not even looked at. */
function omitted(map: Record<string, unknown>, left: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const field in map) if (field !== left) copy[field] = map[field];
  return copy;
}

/** Of an object that is made by one who brings no managedFields: the same as below, without looking at what is stripped. */
function firstEntries(update: TrackedUpdate, { shape, empty }: ObjectType): Entry[] {
  const { apiVersion: _, kind: __, metadata, ...rest } = update.object;
  const own: Record<string, unknown> = {};
  for (const field in metadata) if (!STRIPPED_METADATA.has(field)) own[field] = metadata[field as 'name'];
  const { changed } = compare(shape, empty, { ...rest, metadata: own });
  const fields = withoutMetadataItself(without(changed, resetFieldsOf(update.kind, update.subresource ?? '')));
  return fields ? [{ ...keyOf(update), ...timeOf(update), fields }] : [];
}

function nextEntries(update: TrackedUpdate, entries: Entry[], comparison: Comparison): Entry[] {
  const subresource = update.subresource ?? '';
  const reset = resetFieldsOf(update.kind, subresource);
  const changed = without(comparison.changed, reset);
  const removed = without(comparison.removed, reset);
  const mine = strip(changed);
  const key = keyOf(update);
  // What is the writer's again in the end need not be taken from him first.
  const notMine = difference(changed, mine);
  const at = mine ? entries.findIndex((e) => isEntryOf(e, key)) : -1;
  const next = entries.map((e, i) => {
    const taken = i === at ? notMine : changed;
    const fields = difference(difference(e.fields, taken), removed);
    return fields === e.fields ? e : { ...e, fields };
  });
  if (!mine) return next;
  const fields = at < 0 ? mine : union(next[at]!.fields, mine);
  const entry: Entry = { ...key, ...timeOf(update), fields };
  if (at < 0) next.push(entry);
  else next[at] = entry;
  return capUpdaters(next);
}
