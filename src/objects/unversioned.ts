/** An object without the revision at which it was read. */

/** For a write that follows another one of the same object: it is to hold at whatever revision that one has made. */
export function unversioned<T extends { metadata: { resourceVersion?: string | undefined } }>(object: T): T {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
