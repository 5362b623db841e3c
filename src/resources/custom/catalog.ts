/** The catalog of a cluster: the built-in kinds, and those that its definitions bring. */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import type { Catalog } from '../../catalog/catalog.ts';
import { storagePrefix } from '../../catalog/kinds.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { BUILT_IN, builtIn } from '../built-in.ts';
import { digestOf, MAX_REMEMBERED_CHARACTERS } from './definition.ts';
import { customKinds, type StoredDefinition } from './kinds.ts';

/** Where definitions are stored. */
export const DEFINITIONS_PREFIX = storagePrefix(builtIn('customresourcedefinitions.apiextensions.k8s.io'));

interface Remembered {
  catalog: Catalog;
  characters: number;
}

const catalogs = new BoundedMap<Remembered>(MAX_REMEMBERED_CHARACTERS, ({ characters }) => characters + 1);

/** Hexadecimal digits of a digest that make a number which JavaScript keeps. */
const REVISION_DIGITS = 13;

/**
 * The same for the same definitions, in order of their keys, whoever asks and whenever: its revision is made of what they say. So a
 * Worker that reads them knows by the revision alone whether it has what the cluster has.
 */
export function catalogOf(stored: readonly StoredDefinition[]): Catalog {
  if (stored.length === 0) return BUILT_IN;
  const digest = bytesToHex(
    sha256(stored.map(({ key, revision, text }) => `${key} ${revision} ${digestOf(text)}\n`).join('')),
  );
  const known = catalogs.get(digest);
  if (known) return known.catalog;
  const revision = Number.parseInt(digest.slice(0, REVISION_DIGITS), 16) + 1;
  const catalog = BUILT_IN.with({ revision, kinds: withoutClashes(customKinds(stored)) });
  catalogs.set(digest, { catalog, characters: stored.reduce((sum, { text }) => sum + text.length, 0) });
  return catalog;
}

/** What is stored where a built-in kind's objects are, or is served by such a kind's path, is not served. */
function withoutClashes(kinds: ReturnType<typeof customKinds>): ReturnType<typeof customKinds> {
  const seen = new Set<string>();
  return kinds.filter(({ group, version, resource, kind, storage }) => {
    const path = `${group}/${version}/${resource}`;
    if (BUILT_IN.storedAt(storage) || BUILT_IN.resource(group, version, resource) || seen.has(path)) return false;
    if (BUILT_IN.kind(`${group}/${version}`, kind)) return false;
    seen.add(path);
    return true;
  });
}
