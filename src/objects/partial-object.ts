/**
 * An object of which only what most readers ask for is in memory: its name and metadata, and short values beside them. The rest is read
 * when it is looked at. It is copied, listed and compared as any object, which reads all of it.
 */
import { heapBytes } from './heap-bytes.ts';
import { hiddenValue } from './hidden-value.ts';
import type { KubeObject, ObjectMeta } from './object.ts';

/** Values beside the metadata that are kept: types, reasons, times. */
const KEPT_CHARACTERS = 40;
/** What metadata may take in memory, bytes; of more only what names the object is kept. */
export const MAX_KEPT_METADATA = 1024;

const READ_LATE = new Set(['annotations', 'managedFields']);
const NAMING = new Set(['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp']);

/** Reads the whole object. */
type Load = () => KubeObject;

/** Where the rest is read from. */
const REST = hiddenValue<Load>();

/** One getter for each field of its name, so that objects keep one form. */
function getters(read: (rest: KubeObject, field: string) => unknown): (field: string) => PropertyDescriptor {
  const known = new Map<string, PropertyDescriptor>();
  return (field) => {
    const found = known.get(field);
    if (found) return found;
    const getter: PropertyDescriptor & ThisType<object> = {
      enumerable: true,
      configurable: true,
      get() {
        return read(REST.of(this)!(), field);
      },
    };
    // Custom resources have whatever fields they like.
    if (known.size < KNOWN_FIELDS) known.set(field, getter);
    return getter;
  };
}

const KNOWN_FIELDS = 1000;
const bodyGetter = getters((rest, field) => rest[field]);
const metadataGetter = getters((rest, field) => rest.metadata[field as 'name']);

/** `load` answers the same object; what it answers is shared. */
export function partialObject(object: KubeObject, load: Load): KubeObject {
  const partial: Record<string, unknown> = {};
  for (const field in object) {
    if (field === 'metadata') partial[field] = partialMetadata(object.metadata, load);
    else if (isShort(object[field])) partial[field] = object[field];
    else Object.defineProperty(partial, field, bodyGetter(field));
  }
  REST.put(partial, load);
  return partial as KubeObject;
}

function partialMetadata(metadata: ObjectMeta, load: Load): ObjectMeta {
  const fields = Object.keys(metadata) as (keyof ObjectMeta)[];
  const early = fields.filter((field) => !READ_LATE.has(field));
  const weight = early.reduce((bytes, field) => bytes + heapBytes(metadata[field]), 0);
  const kept = weight <= MAX_KEPT_METADATA ? early : early.filter((field) => NAMING.has(field));
  const partial: Partial<ObjectMeta> = {};
  for (const field of fields)
    if (kept.includes(field)) Object.assign(partial, { [field]: metadata[field] });
    else Object.defineProperty(partial, field, metadataGetter(field));
  if (kept.length < fields.length) REST.put(partial, load);
  return partial as ObjectMeta;
}

const isShort = (value: unknown): boolean =>
  typeof value === 'string' ? value.length <= KEPT_CHARACTERS : typeof value !== 'object' || value === null;
