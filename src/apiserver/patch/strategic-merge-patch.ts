/**
 * Strategic merge patch: a merge patch in which lists of a type with a merge key are merged by it, with `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList` and `$setElementOrder` directives. Source: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go.
 */

import type { Field, Struct, Type } from '../../catalog/schema.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { printGo } from '../../objects/go-print.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { own, setOwn } from '../../objects/own.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { followsOrder, orderElements } from './element-order.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

export function applyStrategicMergePatch(target: object, patch: JSONObject, struct: Struct | undefined): KubeObject {
  if (!struct) throw badRequest('strategic merge patch format is not supported');
  return mergeObject({ ...cloneJSON(target) }, cloneJSON(patch), { of: struct }) as KubeObject;
}

/** What the schema says of an object: its struct, or the type of a map's values; neither where it says nothing more. */
interface Shape {
  of?: Struct | undefined;
  element?: Type | undefined;
}

const shapeOf = (type: Type | undefined): Shape =>
  type?.form === 'struct' ? { of: type.struct } : type?.form === 'map' ? { element: type.element } : {};

/** Errors that the real server has no status for. */
const failed = (words: string): StatusError => new StatusError(500, '', words);
const unknownDirective = (directive: unknown, patch: JSONObject): StatusError =>
  failed(`unknown patch type: ${asVerb(directive)} in map: ${printGo(patch)}`);

/** A value printed with Go's `%s`. */
function asVerb(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '%!s(<nil>)';
  if (typeof value === 'boolean') return `%!s(bool=${value})`;
  if (typeof value === 'number') return `%!s(${Number.isInteger(value) ? 'int64' : 'float64'}=${value})`;
  return printGo(value);
}

/** Changes both in place. */
function mergeObject(target: JSONObject, patch: JSONObject, shape: Shape): JSONObject {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') {
    delete patch[DIRECTIVE];
    return patch;
  }
  if (directive === 'delete') return {};
  if (directive !== undefined) throw unknownDirective(directive, patch);
  retainKeys(target, patch);
  for (const key of Object.keys(patch)) if (key.startsWith(ELEMENT_ORDER)) mergeInOrder(target, patch, key, shape);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) takeFrom(target, key, value);
    else if (value === null) delete target[key];
    else mergeValue(target, key, value, shape);
  }
  return target;
}

function retainKeys(target: JSONObject, patch: JSONObject): void {
  const keep = patch[RETAIN_KEYS];
  if (keep === undefined) return;
  delete patch[RETAIN_KEYS];
  const kept = new Set<unknown>(Array.isArray(keep) ? keep : []);
  const isKept = (key: string): boolean =>
    patch[key] === null || key.startsWith(DELETE_FROM) || key.startsWith(ELEMENT_ORDER) || kept.has(key);
  if (!Array.isArray(keep) || !Object.keys(patch).every(isKept)) throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(target)) if (!kept.has(key)) delete target[key];
}

/** The name of the list that a directive is about. */
function listName(key: string, directive: string, words: string): string {
  if (!key.startsWith(`${directive}/`)) throw badRequest(`invalid patch format of ${words}`);
  return key.slice(directive.length + 1);
}

function takeFrom(target: JSONObject, key: string, taken: unknown): void {
  const name = listName(key, DELETE_FROM, 'primitive list');
  if (taken === null) delete target[name];
  else if (Array.isArray(target[name]) && Array.isArray(taken)) {
    const gone = new Set<unknown>(taken);
    target[name] = target[name].filter((item: unknown) => !gone.has(item));
  }
}

const strategies = (field: Field | undefined): string[] => field?.patchStrategy?.split(',') ?? [];

function mergeInOrder(target: JSONObject, patch: JSONObject, key: string, shape: Shape): void {
  const order = patch[key];
  delete patch[key];
  if (!Array.isArray(order)) throw badArgument(order);
  const name = listName(key, ELEMENT_ORDER, 'setElementOrder list');
  const [live, changes] = [listAt(target, name), listAt(patch, name)];
  const field = shape.of?.byName.get(name);
  if (!followsOrder(changes ?? [], order, field?.patchMergeKey))
    throw failed(
      `The order in patch list:\n${printGo(changes)}\n doesn't match ${ELEMENT_ORDER} list:\n${printGo(order)}\n`,
    );
  if (live === undefined && changes === undefined) return;
  delete patch[name];
  const before = live ? [...live] : [];
  const merged = !changes ? live : live ? mergeLists(live, changes, field) : itemsWithoutDirectives(changes);
  target[name] = orderElements(merged ?? [], order, before, field?.patchMergeKey);
}

function listAt(map: JSONObject, name: string): unknown[] | undefined {
  const list = map[name];
  if (list !== undefined && !Array.isArray(list)) throw badArgument(list);
  return list;
}

function badArgument(value: unknown): StatusError {
  const go = isJSONObject(value)
    ? 'map[string]interface {}'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'int64'
          : 'float64'
        : typeof value === 'string'
          ? 'string'
          : '%!s(<nil>)';
  return failed(`expected a []interface {}, but received a ${go}`);
}

function mergeValue(target: JSONObject, key: string, value: unknown, shape: Shape): void {
  const field = shape.of?.byName.get(key);
  const type = field?.type ?? shape.element;
  const live = own(target, key);
  if (isJSONObject(value) && isJSONObject(live)) {
    target[key] = strategies(field).includes('replace') ? value : mergeObject(live, value, shapeOf(type));
  } else if (Array.isArray(value) && Array.isArray(live)) {
    target[key] = mergeLists(live, value, field);
  } else {
    if (live === undefined || typeof live !== typeof value || Array.isArray(live) !== Array.isArray(value))
      dropNulls(value);
    const plain = withoutDirectives(value);
    if (plain === undefined) delete target[key];
    else setOwn(target, key, plain);
  }
}

/** What stands where nothing was: the patch without the parts that carry a `$patch`. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return itemsWithoutDirectives(value);
  if (!isJSONObject(value)) return value;
  if (DIRECTIVE in value) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const plain = withoutDirectives(part);
    if (plain === undefined) delete value[key];
    else value[key] = plain;
  }
  return value;
}

const itemsWithoutDirectives = (list: readonly unknown[]): unknown[] =>
  list.map(withoutDirectives).filter((item) => item !== undefined);

function dropNulls(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) dropNulls(item);
  else if (isJSONObject(value))
    for (const [key, part] of Object.entries(value))
      if (part === null) delete value[key];
      else dropNulls(part);
}

function mergeLists(live: unknown[], patch: unknown[], field: Field | undefined): unknown[] {
  if (!strategies(field).includes('merge')) return patch;
  if (live.length === 0 && patch.length === 0) return live;
  const key = field!.patchMergeKey;
  const all = [...live, ...patch];
  const isOfMaps = isJSONObject(all[0]);
  if (all.some((item) => isJSONObject(item) !== isOfMaps))
    throw failed(`list element types are not identical: ${printGo([live, patch])}`);
  if (!live.every(isJSONObject) || !patch.every(isJSONObject))
    return orderElements([...new Set(all)], patch, live, undefined);
  if (!key) throw failed(`cannot merge lists without merge key for ${field!.name}`);
  const kept = obeyDirectives(live, patch, key);
  const changes = patch.filter((item) => !(DIRECTIVE in item));
  const type = field!.type;
  const element = shapeOf(type.form === 'list' ? type.element : undefined);
  const merged = [...kept];
  const places = new Map<unknown, number>();
  for (const [i, item] of merged.entries()) if (!places.has(item[key])) places.set(item[key], i);
  for (const item of changes) {
    if (!Object.hasOwn(item, key)) throw mergeKeyMissing(key, item);
    const at = places.get(item[key]);
    if (at !== undefined) merged[at] = mergeObject(merged[at]!, item, element);
    else places.set(item[key], merged.push(item) - 1);
  }
  return orderElements(merged, changes, kept, key);
}

/** What `$patch` in elements of a list leaves of what is there. */
function obeyDirectives(live: JSONObject[], patch: JSONObject[], key: string): JSONObject[] {
  const deleted = new Set<unknown>();
  let replaced = false;
  for (const item of patch) {
    const directive = item[DIRECTIVE];
    if (directive === undefined) continue;
    if (directive === 'replace') replaced = true;
    else if (directive === 'merge') throw failed('merging lists cannot yet be specified in the patch');
    else if (directive !== 'delete') throw unknownDirective(directive, item);
    else if (!Object.hasOwn(item, key)) throw mergeKeyMissing(key, item);
    else deleted.add(item[key]);
  }
  return replaced ? [] : live.filter((old) => !deleted.has(old[key]));
}

const mergeKeyMissing = (key: string, item: JSONObject): StatusError =>
  failed(`map: ${printGo(item)} does not contain declared merge key: ${key}`);
