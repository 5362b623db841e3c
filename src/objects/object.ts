/** The shapes that every room shares: an object as the API has it, and a read-only view of the cluster's objects. */

import type { Reader } from '../simulation/reconciler.ts';
import type { KindTypes } from './generated/kind-types.gen.ts';
import type { ObjectMeta } from './object-meta.ts';

export type { ManagedFieldsEntry, OwnerReference } from './generated/meta-v1.gen.ts';
export type { ObjectMeta } from './object-meta.ts';

/** Any Kubernetes object. Its JSON is what the store holds, without `resourceVersion`, which is the key's mod revision. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  // biome-ignore lint/suspicious/noExplicitAny: the body of an object whose kind is not known
  spec?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the body of an object whose kind is not known
  status?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the body of an object whose kind is not known
  [field: string]: any;
}

/** An object before it is validated: what is asked for may be missing from it as anything may, and a list be null. */
export type Unchecked<T> = T extends readonly (infer Element)[]
  ? Unchecked<Element>[] | null
  : T extends object
    ? string extends keyof T
      ? T
      : { [Field in keyof T]?: Unchecked<T[Field]> | undefined }
    : T;

/**
 * The cluster's objects at one revision. Resources are named `pods`, `deployments.apps`: the plural, and the group unless core.
 * Objects are shared: treat them as frozen and copy before changing (`structuredClone`).
 */
export interface View extends Reader<KubeObject> {
  get<Resource extends keyof KindTypes>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): KindTypes[Resource] | undefined;
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** In key order (namespace, name); `namespace` undefined: all. */
  list<Resource extends keyof KindTypes>(resource: Resource, namespace?: string): KindTypes[Resource][];
  list(resource: string, namespace?: string): KubeObject[];
}
