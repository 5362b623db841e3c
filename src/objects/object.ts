/** The shapes that every room shares: an object as the API has it, and a read-only view of the cluster's objects. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: 'Apply' | 'Update';
  apiVersion?: string;
  time?: string;
  fieldsType?: 'FieldsV1';
  fieldsV1?: Record<string, any>;
  subresource?: string;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

/** Any Kubernetes object. Its JSON is what the store holds, without `resourceVersion`, which is the key's mod revision. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: any;
  status?: any;
  [field: string]: any;
}

/**
 * The cluster's objects at one revision. Resources are named `pods`, `deployments.apps`: the plural, and the group unless core.
 * Objects are shared: treat them as frozen and copy before changing (`structuredClone`).
 */
export interface View {
  readonly revision: number;
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** In key order (namespace, name); `namespace` undefined: all. */
  list(resource: string, namespace?: string): KubeObject[];
}
