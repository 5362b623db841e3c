import type { ObjectMeta } from './object.ts';

/** Metadata of an object to be made whose name the API server generates: it has none until then. */
export const nameless = (metadata: Partial<ObjectMeta>): ObjectMeta => metadata as ObjectMeta;
