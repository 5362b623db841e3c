/**
 * The types of the API: every struct with its fields in Go's order, as the JSON, the protobuf, the OpenAPI and the merge rules see them.
 */
import { lines, structAt } from './schema-table.ts';
import type { Struct } from './struct.ts';

export type { Field, Scalar, Struct, Type } from './struct.ts';

export const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** The types of a catalog. */
export interface Schemas {
  /** A type by its OpenAPI name. */
  find(name: string): Struct | undefined;
  /** All types' names, in order. */
  names(): string[];
  /** The OpenAPI name of a registered kind: any object, list or options type; undefined: no such kind. */
  nameOf(group: string, version: string, kind: string): string | undefined;
}

/** Kinds that every group knows. */
const META_KINDS = new Map(
  [
    'CreateOptions',
    'DeleteOptions',
    'GetOptions',
    'ListOptions',
    'PatchOptions',
    'Status',
    'UpdateOptions',
    'WatchEvent',
  ].map((kind) => [kind, META + kind]),
);

/** What a client may ask for in place of the objects themselves. */
const TABLES = new Map(
  ['PartialObjectMetadata', 'PartialObjectMetadataList', 'Table'].map((kind) => [
    `meta.k8s.io/v1/${kind}`,
    META + kind,
  ]),
);

const index = new Map(lines.map((line, i) => [line.slice(0, line.indexOf('|')), i]));

const gvkOf = (group: string, version: string, kind: string): string => `${group}/${version}/${kind}`;

let builtInKinds: Map<string, string> | undefined;

function kindsOfTable(): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const line of lines) {
    for (const match of line.split('|', 3)[2]!.matchAll(/g=([^;]*)/g)) kinds.set(match[1]!, line.split('|', 1)[0]!);
  }
  return kinds;
}

/** The types of the built-in kinds. */
export const BUILT_IN_SCHEMAS: Schemas = Object.freeze({
  find(name: string) {
    const i = index.get(name);
    return i === undefined ? undefined : structAt(i);
  },
  names: () => [...index.keys()],
  nameOf(group: string, version: string, kind: string) {
    builtInKinds ??= kindsOfTable();
    const gvk = gvkOf(group, version, kind);
    return builtInKinds.get(gvk) ?? META_KINDS.get(kind) ?? TABLES.get(gvk);
  },
});

/** A type that is there in every catalog. Throws `Error` for the name of none. */
export function builtInStruct(name: string): Struct {
  const struct = BUILT_IN_SCHEMAS.find(name);
  if (!struct) throw new Error(`no type ${name}`);
  return struct;
}

/** These types and more, which register kinds as their `groupVersionKinds` say. Throws `Error` for a name that is taken. */
export function withStructs(base: Schemas, structs: readonly Struct[]): Schemas {
  const own = new Map(structs.map((struct) => [struct.name, struct]));
  for (const { name } of structs) if (base.find(name)) throw new Error(`two types ${name}`);
  const kinds = new Map(
    structs.flatMap(({ name, groupVersionKinds }) =>
      groupVersionKinds.map(({ group, version, kind }) => [gvkOf(group, version, kind), name] as const),
    ),
  );
  return Object.freeze({
    find: (name: string) => own.get(name) ?? base.find(name),
    names: () => [...base.names(), ...own.keys()].sort(),
    nameOf: (group: string, version: string, kind: string) =>
      kinds.get(gvkOf(group, version, kind)) ?? base.nameOf(group, version, kind),
  });
}
