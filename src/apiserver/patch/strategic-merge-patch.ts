/**
 * Strategic merge patch: a merge patch in which lists of a type with a merge key are merged by it, with `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList` and `$setElementOrder` directives. Source: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go.
 */
import { type Field, findSchema, type Struct, type Type } from '../../resources/schema.ts';
import { badRequest, StatusError } from '../status.ts';
import { orderElements } from './element-order.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

type Json = Record<string, any>;

export function applyStrategicMergePatch(target: any, patch: Json, schema: string): any {
  const struct = findSchema(schema);
  if (!struct) throw badRequest('unable to find api field in struct');
  return mergeObject(structuredClone(target), patch, struct);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The struct behind a type; undefined for a map or anything. */
const structOf = (type: Type | undefined): Struct | undefined => (type?.form === 'struct' ? type.struct : undefined);

/** `of`: the struct that the object is; undefined where the schema says nothing more. */
function mergeObject(target: Json, patch: Json, of: Struct | undefined, element?: Type): Json {
  const directive = patch[DIRECTIVE];
  if (directive !== undefined) {
    if (directive === 'replace') {
      const { [DIRECTIVE]: _, ...rest } = patch;
      return structuredClone(rest);
    }
    if (directive === 'delete') return {};
    if (directive !== 'merge') throw badRequest(`invalid patch directive: ${JSON.stringify(directive)}`);
  }
  retainKeys(target, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const name = key.slice(DELETE_FROM.length);
      if (Array.isArray(target[name]) && Array.isArray(value))
        target[name] = target[name].filter((item: unknown) => !value.includes(item));
      continue;
    }
    if (value === null) {
      delete target[key];
      continue;
    }
    const field = of?.byName.get(key);
    const type = field?.type ?? element;
    target[key] = mergeField(target[key], value, field, type, patch[ELEMENT_ORDER + key]);
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    const name = key.slice(ELEMENT_ORDER.length);
    if (name in patch || !Array.isArray(target[name])) continue;
    target[name] = orderElements(target[name], patch[key], of?.byName.get(name)?.patchMergeKey);
  }
  return target;
}

function retainKeys(target: Json, patch: Json): void {
  const keep = patch[RETAIN_KEYS];
  if (keep === undefined) return;
  if (!Array.isArray(keep)) throw badRequest('$retainKeys directive has to be a list');
  for (const key of Object.keys(target)) if (!keep.includes(key)) delete target[key];
}

function mergeField(target: any, value: any, field: Field | undefined, type: Type | undefined, order: unknown): any {
  const strategy = field?.patchStrategy ?? '';
  if (isObject(value)) {
    if (strategy.split(',').includes('replace') || !isObject(target)) return withoutDirectives(value, type);
    return mergeObject(target, value, structOf(type), type?.form === 'map' ? type.element : undefined);
  }
  if (Array.isArray(value)) {
    if (!strategy.split(',').includes('merge')) return structuredClone(value);
    const existing = Array.isArray(target) ? target : [];
    return mergeList(existing, value, field!, type, order);
  }
  return value;
}

/** What stands where nothing was: the patch without its instructions. */
function withoutDirectives(value: Json, type: Type | undefined): any {
  return mergeObject({}, value, structOf(type), type?.form === 'map' ? type.element : undefined);
}

function mergeList(target: any[], patch: any[], field: Field, type: Type | undefined, order: unknown): any[] {
  const element = type?.form === 'list' ? type.element : undefined;
  const key = field.patchMergeKey;
  if (!key) {
    const merged = [...target];
    for (const item of patch) if (!merged.includes(item)) merged.push(item);
    return Array.isArray(order) ? orderElements(merged, order, undefined) : merged;
  }
  if (patch.some((item) => isObject(item) && item[DIRECTIVE] === 'replace' && Object.keys(item).length >= 1))
    return structuredClone(patch.filter((item) => item[DIRECTIVE] !== 'replace'));
  let merged = [...target];
  for (const item of patch) {
    if (!isObject(item)) throw mergeKeyMissing(key, item);
    if (!(key in item)) throw mergeKeyMissing(key, item);
    const at = merged.findIndex((old) => isObject(old) && old[key] === item[key]);
    if (item[DIRECTIVE] === 'delete') {
      merged = merged.filter((old) => !(isObject(old) && old[key] === item[key]));
      continue;
    }
    if (at >= 0) merged[at] = mergeObject(merged[at], item, structOf(element));
    else merged.push(withoutDirectives(item, element));
  }
  return orderElements(merged, Array.isArray(order) ? order : undefined, key);
}

const mergeKeyMissing = (key: string, item: unknown): StatusError =>
  new StatusError(
    500,
    'InternalError',
    `Internal error occurred: map: map${JSON.stringify(item)} does not contain declared merge key: ${key}`,
    { causes: [{ message: `map: map${JSON.stringify(item)} does not contain declared merge key: ${key}` }] },
  );
