/** Kinds that are served in several versions and stored in one: HPA (stored as v2) and events (stored as core v1). */
import type { KubeObject } from './object.ts';

/** The object as the store holds it. Returns the same object where nothing differs. */
export function toStored(object: KubeObject): KubeObject {
  return object;
}

/** A stored object as `apiVersion` shows it. */
export function fromStored(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
