/**
 * The kinds that there are, as a value: found by path, by what an object says of itself, by name, and by where they are stored. Built-in
 * kinds are one catalog (resources/built-in.ts), made once; a cluster with kinds of its own has one that is derived from it.
 */
import { groupResourceName } from '../objects/status.ts';
import { GENERIC_TABLE, type Table } from './columns.ts';
import type { CustomKind } from './custom-kind.ts';
import type { Kind, KindDescription } from './kinds.ts';
import { type Schemas, type Struct, withStructs } from './schema.ts';
import type { Strategy } from './strategy.ts';

/** A kind and what is particular to it; what is not said is as with most. */
export interface KindDefinition extends KindDescription {
  strategy?: Strategy | undefined;
  table?: Table | undefined;
  custom?: CustomKind | undefined;
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
  const { strategy = NOTHING_PARTICULAR, table = GENERIC_TABLE, custom, ...description } = definition;
  return Object.freeze({
    ...description,
    name: groupResourceName(description),
    strategy,
    table,
    custom,
    equivalents,
    // Types are many, and read when they are first needed.
    get struct() {
      return schemas.find(description.schema);
    },
  });
}

type Places = 'resource' | 'kind' | 'name' | 'storage';

export class Catalog {
  /** 0: built-in kinds alone. */
  readonly revision: number;
  /** In the order of discovery: of several versions the preferred one first. */
  readonly kinds: readonly Kind[];
  readonly schemas: Schemas;
  /** The catalog that this one was derived from, whose kinds are found there: a catalog is as large as what it adds. */
  readonly base: Catalog | undefined;
  readonly #found: Readonly<Record<Places, Map<string, Kind>>> = {
    resource: new Map(),
    kind: new Map(),
    name: new Map(),
    storage: new Map(),
  };
  readonly #served = new Map<string, Map<string, Kind[]>>();

  private constructor(
    own: readonly Kind[],
    { revision, schemas, base }: Pick<Catalog, 'revision' | 'schemas' | 'base'>,
  ) {
    this.revision = revision;
    this.kinds = base ? [...base.kinds, ...own] : own;
    this.schemas = schemas;
    this.base = base;
    for (const kind of own) this.#add(kind);
  }

  /** The catalog that others are derived from. */
  static of(definitions: readonly KindDefinition[], schemas: Schemas): Catalog {
    return new Catalog(kindsOf(definitions, schemas), { revision: 0, schemas, base: undefined });
  }

  /** This catalog and more kinds. Throws `Error` for one that is there already, or is stored where another's objects are. */
  with({ revision, kinds, structs = [] }: OwnKinds): Catalog {
    if (revision === this.revision) throw new Error(`two catalogs of revision ${revision}`);
    for (const { storage } of kinds) if (this.storedAt(storage)) throw new Error(`${storage} is another kind's place`);
    const schemas = withStructs(this.schemas, structs);
    return new Catalog(kindsOf(kinds, schemas), { revision, schemas, base: this });
  }

  #add(kind: Kind): void {
    const { group, version, resource } = kind;
    if (this.resource(group, version, resource)) throw new Error(`two kinds of ${idOf(group, version, resource)}`);
    const found = this.#found;
    found.resource.set(idOf(group, version, resource), kind);
    found.kind.set(idOf(group, version, kind.kind), kind);
    if (!found.name.has(kind.name)) found.name.set(kind.name, kind);
    if (!found.storage.has(kind.storage)) found.storage.set(kind.storage, kind);
    const versions = this.#served.get(group) ?? new Map<string, Kind[]>();
    this.#served.set(group, versions);
    versions.set(version, [...(versions.get(version) ?? []), kind]);
  }

  #find(place: Places, by: string): Kind | undefined {
    const kind = this.#found[place].get(by);
    return kind || !this.base ? kind : this.base.#find(place, by);
  }

  /** By the parts of a path. */
  resource(group: string, version: string, resource: string): Kind | undefined {
    return this.#find('resource', idOf(group, version, resource));
  }

  /** By the `apiVersion` and `kind` of an object. */
  kind(apiVersion: string, kind: string): Kind | undefined {
    return this.#find('kind', apiVersion.includes('/') ? `${apiVersion}/${kind}` : `/${apiVersion}/${kind}`);
  }

  /** By `pods` or `deployments.apps`: in its preferred version. */
  named(name: string): Kind | undefined {
    return this.#find('name', name);
  }

  /** By the path below /registry/ where its objects are, as they are stored. */
  storedAt(storage: string): Kind | undefined {
    return this.#find('storage', storage);
  }

  /** All groups, the core's '' first. */
  get groups(): string[] {
    return [...new Set([...(this.base?.groups ?? []), ...this.#served.keys()])];
  }

  /** A group's versions, the preferred one first; none of a group that is not there. */
  versions(group: string): string[] {
    return [...new Set([...(this.base?.versions(group) ?? []), ...(this.#served.get(group)?.keys() ?? [])])];
  }

  has(group: string, version?: string): boolean {
    const versions = this.#served.get(group);
    const isOwn = versions !== undefined && (version === undefined || versions.has(version));
    return isOwn || (this.base?.has(group, version) ?? false);
  }

  kindsIn(group: string, version: string): readonly Kind[] {
    return [...(this.base?.kindsIn(group, version) ?? []), ...(this.#served.get(group)?.get(version) ?? [])];
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
