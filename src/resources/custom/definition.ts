/**
 * A stored CustomResourceDefinition, read once however many ask for it: what it says without its schemas is kept, as it is little, and
 * the schemas as long as there is room for them.
 */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import type { Schema } from './schema.ts';

/** Characters of definitions that are remembered in a process. */
export const MAX_REMEMBERED_CHARACTERS = 32 * 1024 ** 2;
/** Of those whose schemas are there to be used: read, they take some five times as much. */
export const MAX_READ_CHARACTERS = 4 * 1024 ** 2;

/** A definition without its schemas. */
export interface Definition {
  readonly head: CustomResourceDefinition;
  /** Of what it says of its kinds, with their schemas. */
  readonly digest: string;
  /** Of the whole object in that version; undefined: there is no such version. */
  schema(version: string): Schema | undefined;
}

const definitions = new BoundedMap<Definition>(
  MAX_REMEMBERED_CHARACTERS,
  (definition) => (definition as Read).characters,
);
const schemas = new BoundedMap<{ characters: number; byVersion: Map<string, Schema> }>(
  MAX_READ_CHARACTERS,
  ({ characters }) => characters,
);

let made = 0;

/** Texts of definitions, each with its digest. */
const texts = new BoundedMap<{ text: string; digest: string }>(MAX_REMEMBERED_CHARACTERS, ({ text }) => text.length);

function known(text: string): { text: string; digest: string } {
  let found = texts.get(text);
  if (!found) {
    found = { text, digest: bytesToHex(sha256(text)) };
    texts.set(text, found);
  }
  return found;
}

/** SHA-256 of a text, in hexadecimal. */
export const digestOf = (text: string): string => known(text).digest;

/** The text as it is in memory already: a cluster's object and those who serve its API have the same, each from elsewhere, and hold it once. */
export const sharedText = (text: string): string => known(text).text;

class Read implements Definition {
  readonly head: CustomResourceDefinition;
  readonly digest: string;
  readonly #text: string;
  readonly #id = String(++made);

  constructor(text: string) {
    this.#text = text;
    const whole = JSON.parse(text) as CustomResourceDefinition;
    if (!isWhole(whole)) throw new Error('a definition lacks what every one has');
    this.digest = bytesToHex(sha256(JSON.stringify([whole.spec, whole.status?.acceptedNames])));
    const versions = whole.spec.versions.map(({ schema: _, ...version }) => version);
    this.head = { ...whole, spec: { ...whole.spec, versions } };
    delete this.head.metadata.managedFields;
  }

  get characters(): number {
    return this.#text.length;
  }

  schema(version: string): Schema | undefined {
    let known = schemas.get(this.#id);
    if (!known) {
      known = { characters: this.#text.length, byVersion: schemasIn(JSON.parse(this.#text)) };
      schemas.set(this.#id, known);
    }
    return known.byVersion.get(version);
  }
}

/** Whether the names are there that its kinds are made of. */
function isWhole({ metadata, spec, status }: CustomResourceDefinition): boolean {
  const names = [spec.names, ...(isTrueIn(status, 'Established') ? [status?.acceptedNames ?? spec.names] : [])];
  return [
    metadata.name,
    spec.group,
    spec.scope,
    ...names.flatMap(({ plural, kind }) => [plural, kind]),
    ...spec.versions.map(({ name }) => name),
  ].every((name) => typeof name === 'string' && name !== '');
}

/** A version without a schema allows anything. */
const schemasIn = ({ spec }: CustomResourceDefinition): Map<string, Schema> =>
  new Map(spec.versions.map(({ name, schema }) => [name, schema?.openAPIV3Schema ?? ANYTHING]));

const ANYTHING: Schema = Object.freeze({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

/** Undefined for what is no definition: through etcd's own door anything may be put where definitions are. */
export function readableDefinition(text: string): Definition | undefined {
  let definition = definitions.get(text);
  if (!definition) {
    try {
      definition = new Read(text);
    } catch {
      return undefined;
    }
    definitions.set(text, definition);
  }
  return definition;
}

const isTrueIn = (status: CustomResourceDefinition['status'], type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

export const isTrue = ({ status }: CustomResourceDefinition, type: string): boolean => isTrueIn(status, type);

export const storageVersionOf = ({ spec }: CustomResourceDefinition): CustomResourceDefinitionVersion | undefined =>
  spec.versions.find(({ storage }) => storage);
