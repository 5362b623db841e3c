/**
 * Between values in the store and objects. What this server writes is JSON text without resourceVersion, which is spliced in on the way
 * out, without parsing where the text starts as this file writes it. What others wrote at an object's key is bytes: JSON in any form,
 * or Kubernetes' Protobuf.
 */

import { fromStored, toStored } from '../../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import type { KeyValue, Splice, Value } from '../../etcd/types.ts';
import { isJSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { isCustom } from '../custom/decode.ts';
import { isAsShown, shown, toBeStored } from '../custom/stored.ts';
import { parseForeign } from './stored-foreign.ts';
import { UnreadableError } from './unreadable.ts';

const decoder = new TextDecoder();

export const valueText = (kv: KeyValue): string => (typeof kv.value === 'string' ? kv.value : decoder.decode(kv.value));

/** The object as this kind's version has it, with its resourceVersion. Throws `UnreadableError`. */
export function parseStored(kind: Kind, kv: KeyValue): KubeObject {
  const stored = parseAsStored(kind, kv);
  const object = shownAs(kind, kv, stored);
  object.metadata = { ...object.metadata, resourceVersion: String(kv.modRevision) };
  return object;
}

/** The object in the version in which it is stored, without its resourceVersion. Throws `UnreadableError`. */
export const parseAsStored = (kind: Kind, kv: KeyValue): KubeObject =>
  typeof kv.value === 'string' ? parseOwn(kv, kv.value) : parseForeign(kind, kv, kv.value);

function shownAs(kind: Kind, kv: KeyValue, stored: KubeObject): KubeObject {
  if (isCustom(kind)) return isAsShown(kind, kv) ? stored : shown(kind, stored);
  const apiVersion = apiVersionOf(kind);
  return stored.apiVersion === apiVersion ? stored : fromStored(stored, apiVersion);
}

function parseOwn(kv: KeyValue, text: string): KubeObject {
  const refused = (problem: string): UnreadableError => new UnreadableError(kv.key, kv.modRevision, problem);
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch (error) {
    throw refused(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  if (!isJSONObject(object)) throw refused("couldn't get version/kind; json parse error: the value is no object");
  if (object.metadata !== undefined && !isJSONObject(object.metadata)) throw refused('its metadata is no object');
  return object as unknown as KubeObject;
}

/** What the store is to hold; `of`: the kind that it is of, which matters for those that users have defined. */
export function storedText(object: KubeObject, of?: Kind): string {
  const stored = of && isCustom(of) ? toBeStored(of, object) : toStored(object);
  const { apiVersion, kind, metadata, ...rest } = stored;
  const { resourceVersion: _, ...kept } = metadata;
  return JSON.stringify({ kind, apiVersion, metadata: kept, ...rest });
}

/** JSON of an object on its own. */
export const objectText = (kind: Kind, kv: KeyValue): string =>
  (isReady(kind, kv) ? withStoredVersion(kind, kv.value, kv.modRevision) : undefined) ??
  JSON.stringify(withHead(parseStored(kind, kv)));

/** Whether the text that is stored may be what is shown. */
const isReady = (kind: Kind, kv: KeyValue): boolean => !isCustom(kind) || isAsShown(kind, kv);

/** JSON of an object from its stored text and its version; undefined where that does not start as this file writes it. */
export function withStoredVersion(kind: Kind, text: Value, version: number | string): string | undefined {
  const head = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`;
  if (!hasHead(text, head)) return undefined;
  return `${head}"metadata":{"resourceVersion":"${version}",${text.slice(head.length + METADATA.length)}`;
}

/** JSON of an object as an item of a list: of a typed one it has no kind and apiVersion. */
export function itemText(kind: Kind, kv: KeyValue): string {
  if (isCustom(kind)) return objectText(kind, kv);
  const text = kv.value;
  const head = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`;
  if (hasHead(text, head))
    return `{"metadata":{"resourceVersion":"${kv.modRevision}",${text.slice(head.length + METADATA.length)}`;
  const { kind: _, apiVersion: __, ...rest } = parseStored(kind, kv);
  return JSON.stringify(rest);
}

const METADATA = '"metadata":{';

/** How stored texts of a kind become items of a list without being read: as `itemText` makes them. */
export function itemSplice(kind: Kind): Splice {
  // Something must follow what is put in.
  const head = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",${METADATA}"`;
  const { custom } = kind;
  const shown = custom ? head.slice(0, -METADATA.length - 1) : '{';
  return {
    head,
    before: `${shown}${METADATA}"resourceVersion":"`,
    after: '","',
    since: custom?.definition.revision ?? 0,
  };
}

/** Whether what is stored may be what this kind shows. */
export const isStoredAsShown = ({ custom, version }: Kind): boolean => !custom || custom.storageVersion === version;

const hasHead = (text: Value, head: string): text is string =>
  typeof text === 'string' &&
  text.startsWith(head) &&
  text.startsWith(METADATA, head.length) &&
  // Something must follow what is put in.
  text[head.length + METADATA.length] === '"';

/** kind and apiVersion first, as Go prints them. */
export function withHead(object: KubeObject): KubeObject {
  const { kind, apiVersion, ...rest } = object;
  return { kind, apiVersion, ...rest };
}
