/**
 * managedFields as text: as objects they are a third of what an object takes in memory, and nobody but a write reads them. What is copied
 * has them as they were.
 */
import { heapBytes } from './heap-bytes.ts';
import { hiddenValue } from './hidden-value.ts';
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from './object.ts';

/** The text. */
const TEXT = hiddenValue<string>();

/** One for all objects, so that they keep one form. */
const LAZY: PropertyDescriptor & ThisType<object> = {
  enumerable: true,
  configurable: true,
  get(): ManagedFieldsEntry[] | undefined {
    const text = TEXT.of(this);
    return text === undefined ? undefined : parsed(text);
  },
};

/** What was asked for last: a write asks several times, and nobody changes a list or a set that there is. */
let last: { text: string; managedFields: ManagedFieldsEntry[] } | undefined;

function parsed(text: string): ManagedFieldsEntry[] {
  if (last?.text !== text) last = { text, managedFields: JSON.parse(text) };
  return last.managedFields;
}

/** The text of managedFields where they are kept as such, by the metadata that has them. */
export const ownershipText = (metadata: ObjectMeta): string | undefined => TEXT.of(metadata);

/** Metadata without managedFields gets them as text, in place. */
export function compactMetadata(metadata: ObjectMeta, text: string): ObjectMeta {
  Object.defineProperty(metadata, 'managedFields', LAZY);
  TEXT.put(metadata, text);
  return metadata;
}

/** As `heapBytes`, of an object whose managedFields are text. */
export function compactBytes(object: KubeObject, most?: number): number {
  const text = ownershipText(object.metadata);
  if (text === undefined) return heapBytes(object, most);
  const metadata: Record<string, unknown> = {};
  for (const field in object.metadata)
    metadata[field] = field === 'managedFields' ? text : object.metadata[field as 'name'];
  return heapBytes({ ...object, metadata }, most);
}

/** The same object for reading alone: each look at its managedFields parses them. */
export function withCompactOwnership(object: KubeObject): KubeObject {
  if (ownershipText(object.metadata) !== undefined) return object;
  const { managedFields } = object.metadata;
  if (!managedFields) return object;
  const metadata: Record<string, unknown> = {};
  for (const field in object.metadata)
    if (field === 'managedFields') Object.defineProperty(metadata, field, LAZY);
    else metadata[field] = object.metadata[field as 'name'];
  TEXT.put(metadata, JSON.stringify(managedFields));
  return { ...object, metadata: metadata as ObjectMeta };
}
