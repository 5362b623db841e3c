/**
 * Custom resources as they lie in the store, and as they are shown: by the schema that there is now, whatever there was when they were
 * written, in any version of their definition.
 */

import { apiVersionOf } from '../../catalog/kinds.ts';
import type { KeyValue } from '../../etcd/types.ts';
import { cloneJSON } from '../../objects/clone.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { StatusError } from '../../objects/status.ts';
import { setDefaults } from '../../resources/custom/defaulting.ts';
import { prune } from '../../resources/custom/pruning.ts';
import { asRoot } from '../../resources/custom/schema.ts';
import { coerce } from './coerce.ts';
import type { CustomlyKind } from './decode.ts';

const LENIENT = { told: false, lenient: true };

/** Who reads past a request has nobody to ask. */
const unconverted = ({ apiVersion, kind }: KubeObject): StatusError =>
  new StatusError(500, '', `conversion webhook for ${apiVersion}, Kind=${kind} failed: nobody can be asked here`);

export const versionOf = (object: KubeObject): string =>
  String(object.apiVersion ?? '')
    .split('/')
    .at(-1)!;

/** What a request has read. `isShown`: the version in which a conversion webhook has already shown it. */
export interface ShownKeyValue extends KeyValue {
  isShown?: string;
}

/**
 * Whether what is stored is what is shown: it is text that this server wrote after the definition was last changed, and in this version.
 * A write is guarded by the definition that it was decided by (pipeline.ts), so none comes later that goes by another one.
 */
export const isAsShown = (kind: CustomlyKind, { value, modRevision, isShown }: ShownKeyValue): boolean => {
  const { custom, version } = kind;
  if (isShown === version) return true;
  if (typeof value !== 'string' || custom.storageVersion !== version || modRevision <= custom.definition.revision)
    return false;
  // The cluster's own components ask no webhook, and write an object in the version in which they found it.
  return !custom.converter || value.startsWith(`{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`);
};

/** Makes of a stored object, which is the caller's own, what this kind's version shows. */
export function shown(kind: CustomlyKind, stored: KubeObject): KubeObject {
  completed(kind, stored);
  return versionOf(stored) === kind.version ? stored : converted(kind, stored, kind.version);
}

/** Brings it, in place, into the form that its own version's schema has today. */
export function completed(kind: CustomlyKind, stored: KubeObject): KubeObject {
  const { custom } = kind;
  const version = versionOf(stored);
  const object = stored as unknown as JSONObject;
  if (custom.schema(version)) {
    coerce(object, custom, version, LENIENT);
    setDefaults(object, custom.schema(version));
  }
  stored.metadata ??= {} as KubeObject['metadata'];
  stored.metadata.generation ||= 1;
  return stored;
}

/** The object as the store is to hold it; where a webhook converts it, that is asked when it is proposed (webhooks/converting-storage.ts). */
export function toBeStored(kind: CustomlyKind, object: KubeObject): KubeObject {
  const { storageVersion, schema, converter } = kind.custom;
  if (converter || versionOf(object) === storageVersion) return object;
  const stored = converted(kind, cloneJSON(object), storageVersion);
  // What is read next time is given its defaults anyway.
  setDefaults(stored, schema(storageVersion));
  return stored;
}

/** A copy of an object of some version, in that of `kind`. Throws 500 where a webhook would have to be asked. */
export const convertedTo = (kind: CustomlyKind, object: KubeObject): KubeObject =>
  versionOf(object) === kind.version ? cloneJSON(object) : converted(kind, cloneJSON(object), kind.version);

/** With the version changed alone, and without what that version does not know. Throws 500 where a webhook would have to be asked. */
function converted(kind: CustomlyKind, object: KubeObject, version: string): KubeObject {
  if (kind.custom.converter) throw unconverted(object);
  object.apiVersion = apiVersionOf({ group: kind.group, version });
  const schema = kind.custom.schema(version);
  if (schema) prune(object as unknown as JSONObject, asRoot(schema), false);
  return object;
}
