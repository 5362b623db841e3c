/** What a policy or a webhook is asked about. Models admission.Attributes of k8s.io/apiserver. */
import type { Kind } from '../../catalog/kinds.ts';
import type { Struct } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** The type of what goes through a subresource, where that is not the resource's own: Scale, Eviction, PodExecOptions. */
export interface ObjectType {
  group: string;
  version: string;
  kind: string;
  struct?: Struct | undefined;
}

export interface AdmissionRequest {
  operation: Operation;
  /** The resource that is asked for. */
  kind: Kind;
  subresource: string | undefined;
  /** Absent: the objects are of the resource's own type. */
  objectType?: ObjectType;
  namespace: string | undefined;
  /** '' for what is yet to be named. */
  name: string;
  /** As it would be; undefined for a deletion. Mutating admission changes it in place. */
  object: KubeObject | undefined;
  /** As it is. */
  old: KubeObject | undefined;
}

/** The namespace that a request names; a namespace is in itself, also one that is yet to be made. */
export const namespaceOf = ({ kind, namespace, name }: AdmissionRequest): string | undefined =>
  kind.name === 'namespaces' ? name || undefined : namespace;

/** Who asks, and how: the same for all that one request leads to. */
export interface Requested {
  user: { username: string; uid?: string; groups: string[]; extra?: Record<string, string[]> };
  dryRun: boolean;
  /** CreateOptions and the like, as the client sent them. */
  options(operation: Operation): JSONObject | undefined;
}
