/**
 * Custom resources as they lie in the store, and as they are shown: by the schema that there is now, whatever there was when they were
 * written, in any version of their definition.
 */

import { apiVersionOf } from '../../catalog/kinds.ts';
import type { KeyValue } from '../../etcd/types.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { StatusError } from '../../objects/status.ts';
import { setDefaults } from '../../resources/custom/defaulting.ts';
import { prune } from '../../resources/custom/pruning.ts';
import { asRoot } from '../../resources/custom/schema.ts';
import { coerce } from './coerce.ts';
import type { CustomlyKind } from './decode.ts';

const LENIENT = { told: false, lenient: true };

/** Nobody is there to be asked. */
function unconverted({ custom }: CustomlyKind, { apiVersion, kind }: KubeObject): StatusError {
  const url = `${custom.converter}?timeout=30s`;
  const message = `conversion webhook for ${apiVersion}, Kind=${kind} failed: Post ${quoteGo(url)}: dial tcp: connect: connection refused`;
  return new StatusError(500, '', message);
}

const versionOf = (object: KubeObject): string =>
  String(object.apiVersion ?? '')
    .split('/')
    .at(-1)!;

/**
 * Whether what is stored is what is shown: it is text that this server wrote after the definition was last changed, and in this version.
 * A write is guarded by the definition that it was decided by (pipeline.ts), so none comes later that goes by another one.
 */
export const isAsShown = ({ custom, version }: CustomlyKind, kv: KeyValue): boolean =>
  typeof kv.value === 'string' && custom.storageVersion === version && kv.modRevision > custom.definition.revision;

/** Makes of a stored object, which is the caller's own, what this kind's version shows. */
export function shown(kind: CustomlyKind, stored: KubeObject): KubeObject {
  const { custom } = kind;
  const version = versionOf(stored);
  const object = stored as unknown as JSONObject;
  if (custom.schema(version)) {
    coerce(object, custom, version, LENIENT);
    setDefaults(object, custom.schema(version));
  }
  stored.metadata ??= {} as KubeObject['metadata'];
  stored.metadata.generation ||= 1;
  return version === kind.version ? stored : converted(kind, stored, kind.version);
}

/** The object as the store is to hold it. */
export function toBeStored(kind: CustomlyKind, object: KubeObject): KubeObject {
  const { storageVersion, schema } = kind.custom;
  if (versionOf(object) === storageVersion) return object;
  const stored = converted(kind, cloneJSON(object), storageVersion);
  // What is read next time is given its defaults anyway.
  setDefaults(stored, schema(storageVersion));
  return stored;
}

/** A copy of an object of some version, in that of `kind`. Throws 500 where a webhook would have to be asked. */
export const inVersion = (kind: CustomlyKind, object: KubeObject): KubeObject =>
  converted(kind, cloneJSON(object), kind.version);

/** With the version changed alone, and without what that version does not know. Throws 500 where a webhook would have to be asked. */
function converted(kind: CustomlyKind, object: KubeObject, version: string): KubeObject {
  if (kind.custom.converter !== undefined) throw unconverted(kind, object);
  object.apiVersion = apiVersionOf({ group: kind.group, version });
  const schema = kind.custom.schema(version);
  if (schema) prune(object as unknown as JSONObject, asRoot(schema), false);
  return object;
}
