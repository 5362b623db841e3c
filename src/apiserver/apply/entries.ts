/** `metadata.managedFields` as sets by manager. Source: k8s.io/apimachinery/pkg/util/managedfields/internal/managedfields.go. */
import type { ManagedFieldsEntry } from '../../objects/object.ts';
import { type FieldSet, unionOf } from './field-set.ts';

export interface Entry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  time?: string;
  /** undefined: nothing, so the entry goes. */
  fields: FieldSet | undefined;
}

/** Sets by manager; undefined when the list is not well-formed, which the real server takes as none. */
export function readEntries(managedFields: ManagedFieldsEntry[] | undefined): Entry[] | undefined {
  const entries: Entry[] = [];
  for (const entry of managedFields ?? []) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') return undefined;
    if (!entry.apiVersion || entry.fieldsType !== 'FieldsV1') return undefined;
    entries.push({
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      subresource: entry.subresource ?? '',
      ...(entry.time && { time: entry.time }),
      fields: entry.fieldsV1 as FieldSet | undefined,
    });
  }
  return entries;
}

/** One entry a manager, operation and subresource; updates also differ by version. */
export const isEntryOf = (
  entry: Entry,
  key: Pick<Entry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>,
): boolean =>
  entry.manager === key.manager &&
  entry.operation === key.operation &&
  entry.subresource === key.subresource &&
  (key.operation === 'Apply' || entry.apiVersion === key.apiVersion);

/** In the real order; undefined when there is none. */
export function writeEntries(entries: Entry[]): ManagedFieldsEntry[] | undefined {
  const kept = entries.filter((e) => e.fields !== undefined);
  if (kept.length === 0) return undefined;
  return kept.sort(inOrder).map((e) => ({
    manager: e.manager,
    operation: e.operation,
    apiVersion: e.apiVersion,
    ...(e.time && { time: e.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: e.fields!,
    ...(e.subresource && { subresource: e.subresource }),
  }));
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const inOrder = (a: Entry, b: Entry): number =>
  text(a.operation, b.operation) ||
  text(a.time ?? '', b.time ?? '') ||
  text(a.manager, b.manager) ||
  text(a.apiVersion, b.apiVersion) ||
  text(a.subresource, b.subresource);

export const MAX_UPDATE_MANAGERS = 10;

/** Merges the oldest updaters into one called `ancient-changes` when there are too many. */
export function capUpdaters(entries: Entry[]): Entry[] {
  const updaters = entries.filter((e) => e.operation === 'Update' && e.fields);
  let count = updaters.length;
  if (count <= MAX_UPDATE_MANAGERS) return entries;
  updaters.sort((a, b) => text(a.time ?? '', b.time ?? '') || text(a.manager, b.manager));
  const result = new Set(entries);
  const buckets = new Map<string, Entry[]>();
  for (const updater of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    const bucket = buckets.get(updater.apiVersion);
    if (!bucket) {
      buckets.set(updater.apiVersion, [updater]);
      continue;
    }
    bucket.push(updater);
    count--;
  }
  for (const [apiVersion, bucket] of buckets) {
    if (bucket.length === 1) continue;
    const { time } = bucket.at(-1)!;
    for (const updater of bucket) result.delete(updater);
    const fields = unionOf(bucket.map((updater) => updater.fields));
    const merged = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '', fields } as const;
    result.add({ ...merged, ...(time && { time }) });
  }
  return [...result];
}
