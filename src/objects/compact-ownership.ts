/**
 * managedFields as text: as objects they are a third of what an object takes in memory, and nobody but a write reads them. What is copied
 * has them as they were.
 */
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from './object.ts';

class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the field below is put on this very object.
    return object;
  }
}

/** Puts a text on an object where no copy of it, no listing and no comparison finds it. */
class Texts extends Given {
  #text: string;

  constructor(metadata: object, text: string) {
    super(metadata);
    this.#text = text;
  }

  static of(metadata: object): string | undefined {
    return #text in metadata ? metadata.#text : undefined;
  }
}

/** One for all objects, so that they keep one form. */
const LAZY: PropertyDescriptor & ThisType<object> = {
  enumerable: true,
  configurable: true,
  get(): ManagedFieldsEntry[] | undefined {
    const text = Texts.of(this);
    return text === undefined ? undefined : JSON.parse(text);
  },
};

/** The same object for reading alone: each look at its managedFields parses them. */
export function withCompactOwnership(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata;
  if (!managedFields) return object;
  const metadata: Record<string, unknown> = {};
  for (const field in object.metadata)
    if (field === 'managedFields') Object.defineProperty(metadata, field, LAZY);
    else metadata[field] = object.metadata[field as 'name'];
  new Texts(metadata, JSON.stringify(managedFields));
  return { ...object, metadata: metadata as ObjectMeta };
}
