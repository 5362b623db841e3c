/** A patch of one of the three plain types, from its bytes: what it does to an object, and what is to be said of it. */
import type { Struct } from '../../catalog/schema.ts';
import { printGo } from '../../objects/go-print.ts';
import { isJSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest } from '../../objects/status.ts';
import type { FieldValidation } from '../codec/body.ts';
import { convertValue, type Decoded, decodeValue } from '../codec/decode.ts';
import { JSONSyntaxError, type ParsedJSON, parseJSON } from '../codec/json-text.ts';
import { applyJSONPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { sortKeys } from './sorted.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import { cannotDecode, illTyped, repeatedKeys, unknownMembers } from './strict.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const PLAIN_PATCHES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH];

export interface Patch {
  /** The patched JSON of an object's JSON. */
  apply(current: KubeObject): unknown;
  /** How a refusal quotes what came of it. */
  print(patched: unknown): string;
  /** Reads what came of it as a type. */
  decode(struct: Struct, value: unknown): Decoded;
  /** What came of it is read as a body is, so that its `kind` and `apiVersion` count; else they are passed over. */
  saysKind: boolean;
  /** What a strict reader of the patch itself finds. */
  strict: readonly string[];
}

/** Reads a patch of the three plain types. Throws 400 for what is none. */
export const readPatch = (
  bytes: Uint8Array,
  type: string,
  struct: Struct | undefined,
  validation: FieldValidation,
): Patch => patchOf(parsePatch(bytes), type, struct, validation);

export function patchOf(
  { value, notes }: ParsedJSON,
  type: string,
  struct: Struct | undefined,
  validation: FieldValidation,
): Patch {
  const repeated = repeatedKeys(value, notes);
  if (type === JSON_PATCH) {
    if (value !== null && !Array.isArray(value))
      throw badRequest(`error decoding patch: ${cannotDecode(value, 'Go value of type []handlers.jsonPatchOp')}`);
    const operations = value ?? [];
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
  if (value !== null && !isJSONObject(value)) {
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

/** Throws 400. */
export function parsePatch(bytes: Uint8Array): ParsedJSON {
  try {
    return parseJSON(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof JSONSyntaxError) throw badRequest('invalid JSON patch');
    throw error;
  }
}

const printJSON = (value: unknown): string => {
  const metadata = isJSONObject(value) ? value.metadata : undefined;
  const managed = isJSONObject(metadata) ? metadata.managedFields : undefined;
  if (Array.isArray(managed))
    for (const [i, entry] of managed.entries())
      if (isJSONObject(entry) && entry.fieldsV1) managed[i] = { ...entry, fieldsV1: sortedSet(entry.fieldsV1) };
  return JSON.stringify(value ?? {});
};

/** Sets of fields are written in order. */
function sortedSet(set: unknown): unknown {
  if (!isJSONObject(set)) return set;
  const result = Object.fromEntries(Object.entries(set).map(([element, below]) => [element, sortedSet(below)]));
  sortKeys(result);
  return result;
}
