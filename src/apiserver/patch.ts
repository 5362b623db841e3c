/** patch: three ways to change a part, and server-side apply. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go. */

import type { Kind } from '../catalog/kinds.ts';
import type { Schemas, Struct } from '../catalog/schema.ts';
import { append } from '../objects/append.ts';
import { printGo } from '../objects/go-print.ts';
import type { KubeObject } from '../objects/object.ts';
import { badRequest, notFound, StatusError } from '../objects/status.ts';
import { applyObject } from './apply-patch.ts';
import { decodePatched, mediaType, readBody } from './body.ts';
import type { FieldValidation } from './codec/body.ts';
import { convertValue, type Decoded, decodeValue } from './codec/decode.ts';
import { JSONSyntaxError, type ParsedJSON, parseJSON } from './codec/json-text.ts';
import { wishes } from './create.ts';
import { objectBody, respond } from './encode.ts';
import { managerOf, writeOptions } from './options.ts';
import { applyJSONPatch } from './patch/json-patch.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { sortKeys } from './patch/sorted.ts';
import { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
import { cannotDecode, illTyped, repeatedKeys, unknownMembers } from './patch/strict.ts';
import { commit, type Exchange, groupResource } from './pipeline.ts';
import { matchPath } from './stages.ts';
import { replace, type Written } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const APPLY_PATCH_CBOR = 'application/apply-patch+cbor';
export const PATCH_TYPES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH, APPLY_PATCH_CBOR];

export interface Patch {
  /** The patched JSON of an object's JSON. */
  apply(current: any): any;
  /** How a refusal quotes what came of it. */
  print(patched: any): string;
  /** Reads what came of it as a type. */
  decode(struct: Struct, value: unknown): Decoded;
  /** What came of it is read as a body is, so that its `kind` and `apiVersion` count; else they are passed over. */
  saysKind: boolean;
  /** What a strict reader of the patch itself finds. */
  strict: readonly string[];
}

export async function patch(exchange: Exchange): Promise<Response> {
  const { kind, name, query, request } = exchange;
  const type = mediaType(request);
  if (!PATCH_TYPES.includes(type))
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const apply = type === APPLY_PATCH;
  const options = writeOptions(query, 'PatchOptions', apply);
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const bytes = await readBody(exchange);
  if (apply) return applyObject(exchange, bytes, options);
  const parsed = readText(bytes);
  // What it means is looked at when there is something to patch.
  let change: Patch | undefined;
  const validation = options.fieldValidation;
  const seen = await peek(exchange);
  const reads = seen || !kind.strategy.reads ? wishes(exchange, seen ?? NOTHING, 'update') : [];
  const { object, now } = await commit<Written>(exchange, reads, name!, (found) => {
    if (!found.current) throw notFound(groupResource(kind), name!);
    change ??= patchOf(parsed, type, kind.struct, validation);
    const object = patched(exchange, found.current, change, validation);
    return replace(exchange, found, object, { manager: exchange.manager });
  });
  return respond(objectBody(kind, object, exchange.accepted, query, now), exchange.accepted, 200, exchange.warnings);
}

/** For a kind whose admission looks at the same whatever the object is. */
const NOTHING = { metadata: {} } as KubeObject;

/** The object as it is, where the kind's admission must be told what it will look at. */
async function peek(exchange: Exchange): Promise<KubeObject | undefined> {
  if (!exchange.kind.strategy.reads) return undefined;
  return commit<KubeObject | undefined>(exchange, [], exchange.name!, (seen) => ({
    operations: [],
    answer: () => seen.current,
  }));
}

function patched(exchange: Exchange, current: KubeObject, change: Patch, validation: FieldValidation): KubeObject {
  const { kind, name, namespace } = exchange;
  const warnings: string[] = [];
  const object = decodeChange(change, current, kind, exchange.storage.catalog.schemas, validation, warnings);
  append(
    exchange.warnings,
    warnings.filter((w) => !exchange.warnings.includes(w)),
  );
  object.metadata ??= {} as KubeObject['metadata'];
  matchPath(object, name!, namespace);
  return object;
}

/** The object that a patch makes. */
export function decodeChange(
  patch: Patch,
  current: KubeObject,
  expected: Pick<Kind, 'group' | 'version' | 'kind' | 'struct'>,
  schemas: Schemas,
  validation: FieldValidation,
  warnings: string[],
): KubeObject {
  const value = patch.apply(versionInPlace(current));
  return decodePatched(value, expected, schemas, validation, warnings, patch);
}

/** Reads a patch of the three plain types. Throws 400 for what is none. */
export const readPatch = (
  bytes: Uint8Array,
  type: string,
  struct: Struct | undefined,
  validation: FieldValidation,
): Patch => patchOf(readText(bytes), type, struct, validation);

function patchOf(
  { value, notes }: ParsedJSON,
  type: string,
  struct: Struct | undefined,
  validation: FieldValidation,
): Patch {
  const repeated = repeatedKeys(value, notes);
  if (type === JSON_PATCH) {
    if (value !== null && !Array.isArray(value))
      throw badRequest(`error decoding patch: ${cannotDecode(value, 'Go value of type []handlers.jsonPatchOp')}`);
    const operations = (value ?? []) as any[];
    const problem = validation === 'Ignore' ? undefined : illTyped(operations);
    if (problem) throw badRequest(`error decoding patch: ${problem}`);
    return {
      apply: (current) => applyJSONPatch(current, operations),
      print: printJSON,
      decode: decodeValue,
      saysKind: true,
      strict: [...repeated, ...unknownMembers(operations)].map((words) => `json patch ${words}`),
    };
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    const problem = cannotDecode(value, 'Go value of type map[string]interface {}');
    throw badRequest(type === MERGE_PATCH ? `error decoding patch: ${problem}` : problem);
  }
  if (type === MERGE_PATCH) {
    if (value === null) throw badRequest('Invalid JSON Patch');
    return {
      apply: (current) => applyMergePatch(current, value),
      print: printJSON,
      decode: decodeValue,
      saysKind: true,
      strict: repeated,
    };
  }
  return {
    apply: (current) => applyStrategicMergePatch(current, value ?? {}, struct),
    print: () => printGo(value ?? {}),
    decode: convertValue,
    saysKind: false,
    strict: repeated,
  };
}

function readText(bytes: Uint8Array): ParsedJSON {
  try {
    return parseJSON(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof JSONSyntaxError) throw badRequest('invalid JSON patch');
    throw error;
  }
}

const printJSON = (value: any): string => {
  const managed = value?.metadata?.managedFields;
  if (Array.isArray(managed))
    for (const [i, entry] of managed.entries())
      if (entry?.fieldsV1) managed[i] = { ...entry, fieldsV1: sortedSet(entry.fieldsV1) };
  return JSON.stringify(value ?? {});
};

/** Sets of fields are written in order. */
function sortedSet(set: any): any {
  if (typeof set !== 'object' || set === null) return set;
  const result = Object.fromEntries(Object.entries(set).map(([element, below]) => [element, sortedSet(below)]));
  sortKeys(result);
  return result;
}

/** With its version where Go's type has it, for refusals that quote the object. */
function versionInPlace(object: KubeObject): KubeObject {
  const { name, generateName, namespace, uid, resourceVersion, ...rest } = object.metadata;
  const first = { name, generateName, namespace, uid, resourceVersion };
  for (const [key, value] of Object.entries(first)) if (value === undefined) delete (first as any)[key];
  return { ...object, metadata: { ...first, ...rest } as KubeObject['metadata'] };
}
