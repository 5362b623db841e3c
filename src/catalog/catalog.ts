/**
 * The kinds that there are, as a value: found by path, by what an object says of itself, by name, and by where they are stored. Built-in
 * kinds are one catalog (resources/built-in.ts), made once; a cluster with kinds of its own has one that is derived from it.
 */
import { groupResourceName } from '../objects/status.ts';
import { GENERIC_TABLE, type Table } from './columns.ts';
import type { Kind, KindDescription } from './kinds.ts';
import { type Schemas, type Struct, withStructs } from './schema.ts';
import type { Strategy } from './strategy.ts';

/** A kind and what is particular to it; what is not said is as with most. */
export interface KindDefinition extends KindDescription {
  strategy?: Strategy | undefined;
  table?: Table | undefined;
}

/** What a cluster has besides the built-in kinds. */
export interface OwnKinds {
  /** Another one whenever the kinds are others; never that of the catalog that they are added to. */
  revision: number;
  kinds: readonly KindDefinition[];
  /** Their types, and those of their lists, which their `schema` names. */
  structs?: readonly Struct[];
}

const NOTHING_PARTICULAR: Strategy = {};

const idOf = (group: string, version: string, name: string): string => `${group}/${version}/${name}`;

function kindOf(definition: KindDefinition, schemas: Schemas, equivalents: readonly Kind[]): Kind {
  const { strategy = NOTHING_PARTICULAR, table = GENERIC_TABLE, ...description } = definition;
  return Object.freeze({
    ...description,
    name: groupResourceName(description),
    strategy,
    table,
    equivalents,
    // Types are many, and read when they are first needed.
    get struct() {
      return schemas.find(description.schema);
    },
  });
}

export class Catalog {
  /** 0: built-in kinds alone. */
  readonly revision: number;
  /** In the order of discovery: of several versions the preferred one first. */
  readonly kinds: readonly Kind[];
  readonly schemas: Schemas;
  /** The catalog that this one was derived from. */
  readonly base: Catalog | undefined;
  readonly #byResource = new Map<string, Kind>();
  readonly #byKind = new Map<string, Kind>();
  readonly #byName = new Map<string, Kind>();
  readonly #byStorage = new Map<string, Kind>();
  readonly #byGroup = new Map<string, Map<string, Kind[]>>();

  private constructor(revision: number, kinds: readonly Kind[], schemas: Schemas, base?: Catalog) {
    this.revision = revision;
    this.kinds = kinds;
    this.schemas = schemas;
    this.base = base;
    for (const kind of kinds) this.#add(kind);
  }

  /** The catalog that others are derived from. */
  static of(definitions: readonly KindDefinition[], schemas: Schemas): Catalog {
    return new Catalog(0, kindsOf(definitions, schemas), schemas);
  }

  /** This catalog and more kinds. Throws `Error` for one that is there already, or is stored where another's objects are. */
  with({ revision, kinds, structs = [] }: OwnKinds): Catalog {
    if (revision === this.revision) throw new Error(`two catalogs of revision ${revision}`);
    for (const { storage } of kinds) if (this.storedAt(storage)) throw new Error(`${storage} is another kind's place`);
    const schemas = withStructs(this.schemas, structs);
    return new Catalog(revision, [...this.kinds, ...kindsOf(kinds, schemas)], schemas, this);
  }

  #add(kind: Kind): void {
    const { group, version, resource } = kind;
    const id = idOf(group, version, resource);
    if (this.#byResource.has(id)) throw new Error(`two kinds of ${id}`);
    this.#byResource.set(id, kind);
    this.#byKind.set(idOf(group, version, kind.kind), kind);
    if (!this.#byName.has(kind.name)) this.#byName.set(kind.name, kind);
    if (!this.#byStorage.has(kind.storage)) this.#byStorage.set(kind.storage, kind);
    let versions = this.#byGroup.get(group);
    if (!versions) {
      versions = new Map();
      this.#byGroup.set(group, versions);
    }
    const served = versions.get(version);
    if (served) served.push(kind);
    else versions.set(version, [kind]);
  }

  /** By the parts of a path. */
  resource(group: string, version: string, resource: string): Kind | undefined {
    return this.#byResource.get(idOf(group, version, resource));
  }

  /** By the `apiVersion` and `kind` of an object. */
  kind(apiVersion: string, kind: string): Kind | undefined {
    return this.#byKind.get(apiVersion.includes('/') ? `${apiVersion}/${kind}` : `/${apiVersion}/${kind}`);
  }

  /** By `pods` or `deployments.apps`: in its preferred version. */
  named(name: string): Kind | undefined {
    return this.#byName.get(name);
  }

  /** By the path below /registry/ where its objects are, as they are stored. */
  storedAt(storage: string): Kind | undefined {
    return this.#byStorage.get(storage);
  }

  /** All groups, the core's '' first. */
  get groups(): string[] {
    return [...this.#byGroup.keys()];
  }

  /** A group's versions, the preferred one first; none of a group that is not there. */
  versions(group: string): string[] {
    return [...(this.#byGroup.get(group)?.keys() ?? [])];
  }

  has(group: string, version?: string): boolean {
    const versions = this.#byGroup.get(group);
    return versions !== undefined && (version === undefined || versions.has(version));
  }

  kindsIn(group: string, version: string): readonly Kind[] {
    return this.#byGroup.get(group)?.get(version) ?? [];
  }
}

function kindsOf(definitions: readonly KindDefinition[], schemas: Schemas): Kind[] {
  const equivalents = new Map<string, Kind[]>();
  return definitions.map((definition) => {
    const objects = `${definition.storage} ${definition.kind}`;
    let same = equivalents.get(objects);
    if (!same) {
      same = [];
      equivalents.set(objects, same);
    }
    const kind = kindOf(definition, schemas, same);
    same.push(kind);
    return kind;
  });
}
