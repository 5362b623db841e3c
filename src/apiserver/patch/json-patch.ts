/**
 * JSON patch as the API server runs it: `replace` of what is missing adds it, and any failure is one 422. Source: RFC 6902.
 * models k8s.io/apiserver/pkg/endpoints/handlers/patch.go, github.com/evanphx/json-patch
 */

import { cloneJSON } from '../../objects/clone.ts';
import { sameValue } from '../../objects/equality.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { byteLength } from '../../objects/names.ts';
import { own, setOwn } from '../../objects/own.ts';
import { StatusError } from '../../objects/status.ts';
import { MAX_DEPTH } from '../codec/json-text.ts';
import { sortKeys } from './sorted.ts';

/** More operations than this are refused. */
export const MAX_OPERATIONS = 10_000;

/** Bytes of JSON that all `copy` operations of a patch may add together: `JSONPatchMaxCopyBytes`. */
export const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/** Elements of lists that all operations of a patch may push aside together: an element put in front moves all that follow. */
export const MAX_SHIFTED_ELEMENTS = 20_000_000;

const refused = (): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/** `check` looks at each operation before it is applied, and may refuse it by throwing. */
export function applyJSONPatch(
  target: unknown,
  operations: readonly unknown[],
  check?: (document: unknown, operation: unknown) => void,
): unknown {
  if (operations.length > MAX_OPERATIONS)
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  const spent: Spent = { copied: 0, shifted: 0, entered: new Set(), own: new WeakSet() };
  let document = target;
  if (isContainer(target)) {
    const copy = shallowCopy(target);
    spent.own.add(copy);
    document = copy;
  }
  for (const operation of operations) {
    check?.(document, operation);
    document = applyOne(document, operation, spent);
  }
  if (isDeeper(document, MAX_DEPTH)) throw refused();
  for (const object of spent.entered) sortKeys(object);
  if (isJSONObject(document)) sortKeys(document);
  return document;
}

/** What the operations so far have used of what a patch may, and the objects that they went into. */
interface Spent {
  copied: number;
  shifted: number;
  entered: Set<JSONObject>;
  /** Containers that are the patch's own copies: all others are the target's still. */
  own: WeakSet<object>;
}

/** What a path may lead into. */
type Container = unknown[] | JSONObject;

const shallowCopy = (container: Container): Container => (Array.isArray(container) ? [...container] : { ...container });

function applyOne(document: unknown, operation: unknown, spent: Spent): unknown {
  const { op, path, from, value: given } = isJSONObject(operation) ? operation : {};
  const value = cloneJSON(given ?? null);
  switch (op) {
    case 'add':
      add(document, path, value, spent);
      return document;
    case 'replace':
      if (path === '' && isContainer(value)) {
        spent.own.add(value);
        return value;
      }
      put(document, path, value, spent);
      return document;
    case 'remove':
      remove(document, path, spent);
      return document;
    case 'move': {
      const moved = read(document, from, spent);
      remove(document, from, spent);
      add(document, path, moved, spent);
      return document;
    }
    case 'copy':
      add(document, path, copyOf(read(document, from, spent), spent), spent);
      return document;
    case 'test':
      if (!sameValue(path === '' ? document : read(document, path, spent), value)) throw refused();
      return document;
    default:
      throw refused();
  }
}

/** Counted before it is made: a few copies of copies double a document until nothing can hold it. */
function copyOf(value: unknown, spent: Spent): unknown {
  if (isDeeper(value, MAX_DEPTH)) throw refused();
  const text = JSON.stringify(value);
  spent.copied += byteLength(text);
  if (spent.copied > MAX_COPIED_BYTES) throw refused();
  return JSON.parse(text);
}

/** Whether containers stand in one another more than `limit` deep. Walks without recursion, which would end the walker. */
function isDeeper(value: unknown, limit: number): boolean {
  if (!isContainer(value)) return false;
  let level: Container[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Where a path leads: what holds it, and its key there. What comes before the first slash does not count. */
function find(document: unknown, path: unknown, { entered, own: copied }: Spent): { parent: Container; last: string } {
  if (typeof path !== 'string' || !path.includes('/')) throw refused();
  const keys = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop()!;
  if (!isContainer(document)) throw refused();
  let parent = document;
  for (const key of keys) {
    const at = Array.isArray(parent) ? index(key, parent.length) : 0;
    const found = Array.isArray(parent) ? parent[at] : own(parent, key);
    if (!isContainer(found)) throw refused();
    let child = found;
    if (!copied.has(child)) {
      child = shallowCopy(child);
      copied.add(child);
      if (Array.isArray(parent)) parent[at] = child;
      else setOwn(parent, key, child);
    }
    parent = child;
    if (!Array.isArray(parent)) entered.add(parent);
  }
  return { parent, last };
}

/** Negative ones count from the end. */
function index(text: string, size: number): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw refused();
  const at = Number(text) < 0 ? Number(text) + size : Number(text);
  if (at < 0 || at >= size) throw refused();
  return at;
}

/** A key that is not there reads as null. */
function read(document: unknown, path: unknown, spent: Spent): unknown {
  const { parent, last } = find(document, path, spent);
  return (Array.isArray(parent) ? parent[index(last, parent.length)] : own(parent, last)) ?? null;
}

function add(document: unknown, path: unknown, value: unknown, spent: Spent): void {
  const { parent, last } = find(document, path, spent);
  if (!Array.isArray(parent)) setOwn(parent, last, value);
  else if (last === '-') parent.push(value);
  else {
    const at = index(last, parent.length + 1);
    shift(parent.length - at, spent);
    parent.splice(at, 0, value);
  }
}

function shift(elements: number, spent: Spent): void {
  spent.shifted += elements;
  if (spent.shifted > MAX_SHIFTED_ELEMENTS) throw refused();
}

function put(document: unknown, path: unknown, value: unknown, spent: Spent): void {
  const { parent, last } = find(document, path, spent);
  if (Array.isArray(parent)) parent[index(last, parent.length)] = value;
  else setOwn(parent, last, value);
}

function remove(document: unknown, path: unknown, spent: Spent): void {
  const { parent, last } = find(document, path, spent);
  if (Array.isArray(parent)) {
    const at = index(last, parent.length);
    shift(parent.length - at, spent);
    parent.splice(at, 1);
  } else if (Object.hasOwn(parent, last)) delete parent[last];
  else throw refused();
}
