/** The table of built-in resources, and the ways to find one. */
import { KINDS } from './generated/kinds.gen.ts';

export interface Subresource {
  name: string;
  verbs: string[];
  group: string;
  version: string;
  kind: string;
}

export interface Kind {
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

export { KINDS };

const byResource = new Map(KINDS.map((k) => [`${k.group}/${k.version}/${k.resource}`, k]));
const byKind = new Map(KINDS.map((k) => [`${k.group}/${k.version}/${k.kind}`, k]));
/** The preferred version of each: the table lists it first. */
const byName = new Map<string, Kind>();
for (const k of KINDS) {
  const name = k.group ? `${k.resource}.${k.group}` : k.resource;
  if (!byName.has(name)) byName.set(name, k);
}

export const findResource = (group: string, version: string, resource: string): Kind | undefined =>
  byResource.get(`${group}/${version}/${resource}`);

/** By the `apiVersion` and `kind` of an object. */
export function findKind(apiVersion: string, kind: string): Kind | undefined {
  const slash = apiVersion.indexOf('/');
  return byKind.get(slash < 0 ? `/${apiVersion}/${kind}` : `${apiVersion}/${kind}`);
}

/** By `pods` or `deployments.apps`. */
export const findByName = (name: string): Kind | undefined => byName.get(name);

export const apiVersionOf = (k: Pick<Kind, 'group' | 'version'>): string =>
  k.group ? `${k.group}/${k.version}` : k.version;

/** The etcd key of an object; Kubernetes' own layout. */
export const storageKey = (k: Kind, namespace: string | undefined, name: string): string =>
  k.namespaced ? `/registry/${k.storage}/${namespace}/${name}` : `/registry/${k.storage}/${name}`;

/** The prefix under which a kind's objects lie, of one namespace or of all. */
export const storagePrefix = (k: Kind, namespace?: string): string =>
  k.namespaced && namespace ? `/registry/${k.storage}/${namespace}/` : `/registry/${k.storage}/`;
