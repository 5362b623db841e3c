/** patch: three ways to change a part, and server-side apply. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go. */
import type { KubeObject } from '../resources/object.ts';
import { strategyFor } from '../resources/strategies.ts';
import { applyObject } from './apply-patch.ts';
import { decodePatched, mediaType, readBody } from './body.ts';
import type { FieldValidation } from './codec/body.ts';
import { JSONSyntaxError, parseJSON } from './codec/json-text.ts';
import { wishes } from './create.ts';
import { objectBody, respond } from './encode.ts';
import { managerOf, writeOptions } from './options.ts';
import { applyJSONPatch } from './patch/json-patch.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
import { commit, type Exchange, groupResource } from './pipeline.ts';
import { matchPath } from './stages.ts';
import { badRequest, notFound, StatusError } from './status.ts';
import { replace, type Written } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const APPLY_PATCH_CBOR = 'application/apply-patch+cbor';
export const PATCH_TYPES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH, APPLY_PATCH_CBOR];

/** The patched JSON of an object's JSON. */
export type Patch = (current: any) => any;

export async function patch(exchange: Exchange): Promise<Response> {
  const { kind, name, query, request } = exchange;
  const type = mediaType(request);
  if (!PATCH_TYPES.includes(type))
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const apply = type === APPLY_PATCH;
  const options = writeOptions(query, 'PatchOptions', apply);
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const bytes = await readBody(request);
  if (apply) return applyObject(exchange, bytes, options);
  const change = readPatch(bytes, type, kind.schema);
  const validation = options.fieldValidation;
  const seen = await peek(exchange);
  const reads = seen ? wishes(exchange, seen, 'update') : [];
  const { object, now } = await commit<Written>(exchange, reads, name!, (found) => {
    if (!found.current) throw notFound(groupResource(kind), name!);
    const warnings: string[] = [];
    const object = patched(exchange, found.current, change, validation, warnings);
    const decision = replace(exchange, found, object, { manager: exchange.manager });
    exchange.warnings.unshift(...warnings.filter((w) => !exchange.warnings.includes(w)));
    return decision;
  });
  return respond(objectBody(kind, object, exchange.accepted, query, now), exchange.accepted, 200, exchange.warnings);
}

/** The object as it is, where the kind's admission must be told what it will look at. */
async function peek(exchange: Exchange): Promise<KubeObject | undefined> {
  if (!strategyFor(exchange.kind).reads) return undefined;
  return commit<KubeObject | undefined>(exchange, [], exchange.name!, (seen) => ({
    operations: [],
    answer: () => seen.current,
  }));
}

function patched(
  exchange: Exchange,
  current: KubeObject,
  change: Patch,
  validation: FieldValidation,
  warnings: string[],
): KubeObject {
  const { kind, name, namespace } = exchange;
  const object = decodePatched(change(current), kind, validation, warnings);
  object.metadata ??= {} as KubeObject['metadata'];
  matchPath(kind, object, { name: name!, ...(namespace === undefined ? {} : { namespace }) });
  return object;
}

/** Reads a patch of the three plain types. Throws 400 for what is none. */
export function readPatch(bytes: Uint8Array, type: string, schema: string): Patch {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = parseJSON(text).value;
  } catch (error) {
    if (!(error instanceof JSONSyntaxError)) throw error;
    throw badRequest(
      type === JSON_PATCH ? 'invalid JSON patch' : type === MERGE_PATCH ? 'invalid JSON Merge Patch' : error.message,
    );
  }
  if (type === JSON_PATCH) {
    if (!Array.isArray(value)) throw cannotDecode(value, '[]handlers.jsonPatchOp');
    return (current) => applyJSONPatch(current, value as any[]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw cannotDecode(value, 'map[string]interface {}');
  if (type === MERGE_PATCH) return (current) => applyMergePatch(current, value);
  return (current) => applyStrategicMergePatch(current, value as Record<string, unknown>, schema);
}

function cannotDecode(value: unknown, go: string): StatusError {
  const word = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return badRequest(`error decoding patch: json: cannot unmarshal ${word} into Go value of type ${go}`);
}
