/** What a kind is: how discovery describes it, and what a catalog adds to that. */
import type { Table } from './columns.ts';
import type { CustomKind } from './custom-kind.ts';
import type { Struct } from './schema.ts';
import type { Strategy } from './strategy.ts';

export interface Subresource {
  name: string;
  verbs: string[];
  group: string;
  version: string;
  kind: string;
}

export interface KindDescription {
  /** '' for the core group. */
  group: string;
  version: string;
  /** The plural, `deployments`. */
  resource: string;
  kind: string;
  singular: string;
  namespaced: boolean;
  verbs: string[];
  shortNames: string[];
  categories: string[];
  /** Path below /registry/: two versions of a resource share it. */
  storage: string;
  /** Name of its OpenAPI schema, `io.k8s.api.apps.v1.Deployment`; '' where the kind has none. */
  schema: string;
  storageVersionHash: string;
  subresources: Subresource[];
}

/** A kind of a catalog, with all that is particular to it. */
export interface Kind extends Readonly<KindDescription> {
  /** `pods`, `deployments.apps`. */
  readonly name: string;
  /** Undefined where the kind has no schema. */
  readonly struct: Struct | undefined;
  readonly strategy: Strategy;
  readonly table: Table;
  /** Of a kind that the cluster's users have defined. */
  readonly custom: CustomKind | undefined;
  /** The same objects in all groups and versions that serve them, itself among them; first the one that they are stored as. */
  readonly equivalents: readonly Kind[];
}

export const apiVersionOf = (k: Pick<Kind, 'group' | 'version'>): string =>
  k.group ? `${k.group}/${k.version}` : k.version;

/** The etcd key of an object; Kubernetes' own layout. */
export const storageKey = (
  k: Pick<Kind, 'namespaced' | 'storage'>,
  namespace: string | undefined,
  name: string,
): string => (k.namespaced ? `/registry/${k.storage}/${namespace}/${name}` : `/registry/${k.storage}/${name}`);

/** The prefix under which a kind's objects lie, of one namespace or of all. */
export const storagePrefix = (k: Pick<Kind, 'namespaced' | 'storage'>, namespace?: string): string =>
  k.namespaced && namespace ? `/registry/${k.storage}/${namespace}/` : `/registry/${k.storage}/`;
