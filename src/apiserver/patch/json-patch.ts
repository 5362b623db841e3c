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

/** An operation that can't be made, or a test that fails: to clients, one and the same. */
export class JSONPatchRefused extends StatusError {
  /** What a library for patches says of it. */
  readonly problem: string;
  readonly isFailedTest: boolean;

  constructor(problem: string, isFailedTest = false) {
    super(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
    this.problem = problem;
    this.isFailedTest = isFailedTest;
  }
}

const refused = (problem: string): StatusError => new JSONPatchRefused(problem);
const missing = (what: string): StatusError => refused(`${what}: missing value`);

export function applyJSONPatch(target: unknown, operations: readonly unknown[]): unknown {
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
  for (const operation of operations) document = applyOne(document, operation, spent);
  if (isDeeper(document, MAX_DEPTH)) throw refused(TOO_DEEP);
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
      const moved = read(document, from, spent, 'move operation does not apply: doc is missing from path: ');
      remove(document, from, spent);
      add(document, path, moved, spent, `move ${NO_DESTINATION}`);
      return document;
    }
    case 'copy':
      add(
        document,
        path,
        copyOf(read(document, from, spent, 'copy operation does not apply: doc is missing from path: '), spent),
        spent,
        `copy ${NO_DESTINATION}`,
      );
      return document;
    case 'test':
      if (
        !sameValue(
          path === '' ? document : read(document, path, spent, 'test operation does not apply: is missing path: '),
          value,
        )
      )
        throw new JSONPatchRefused(`testing value ${path} failed: test failed`, true);
      return document;
    default:
      throw refused(`Unexpected kind: ${op}`);
  }
}

/** Counted before it is made: a few copies of copies double a document until nothing can hold it. */
function copyOf(value: unknown, spent: Spent): unknown {
  if (isDeeper(value, MAX_DEPTH)) throw refused(TOO_DEEP);
  const text = JSON.stringify(value);
  spent.copied += byteLength(text);
  if (spent.copied > MAX_COPIED_BYTES)
    throw refused(
      `Unable to complete the copy, the accumulated size increase of copy is ${spent.copied}, exceeding the limit ${MAX_COPIED_BYTES}`,
    );
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

/**
 * Where a path leads: what holds it, and its key there. What comes before the first slash does not count. `absent`: what is said, before the
 * path, where it leads nowhere.
 */
function find(
  document: unknown,
  path: unknown,
  { entered, own: copied }: Spent,
  absent: (path: unknown) => StatusError,
): { parent: Container; last: string } {
  if (typeof path !== 'string' || !path.includes('/')) throw absent(path);
  const keys = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop()!;
  if (!isContainer(document)) throw absent(path);
  let parent = document;
  for (const key of keys) {
    const at = Array.isArray(parent) ? (indexIn(key, parent.length) ?? -1) : 0;
    const found = Array.isArray(parent) ? parent[at] : own(parent, key);
    if (!isContainer(found)) throw absent(path);
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

const TOO_DEEP = 'exceeded max depth';
const NO_DESTINATION = 'operation does not apply: doc is missing destination path: ';

/** Negative ones count from the end. Undefined: there is none such. */
function indexIn(text: string, size: number): number | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const at = Number(text) < 0 ? Number(text) + size : Number(text);
  return at < 0 || at >= size ? undefined : at;
}

/** `where`: what is said first of one that there is not. */
function index(text: string, size: number, where: string): number {
  const at = indexIn(text, size);
  if (at !== undefined) return at;
  const isNumber = /^[-+]?[0-9]+$/.test(text);
  throw refused(
    `${where}: ${isNumber ? `Unable to access invalid index: ${Number(text)}: invalid index referenced` : `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`}`,
  );
}

/** A key that is not there reads as null. */
function read(document: unknown, path: unknown, spent: Spent, absent: string): unknown {
  const { parent, last } = find(document, path, spent, (at) => missing(`${absent}${at}`));
  const operation = absent.split(' ', 1)[0]!;
  const where = `error in ${operation} for ${operation === 'copy' ? 'from' : 'path'}: '${operation === 'move' ? last : path}'`;
  return (Array.isArray(parent) ? parent[index(last, parent.length, where)] : own(parent, last)) ?? null;
}

function add(document: unknown, path: unknown, value: unknown, spent: Spent, absent?: string): void {
  const nowhere = (at: unknown): StatusError =>
    missing(absent ? `${absent}${at}` : `add operation does not apply: doc is missing path: "${at}"`);
  const { parent, last } = find(document, path, spent, nowhere);
  if (!Array.isArray(parent)) setOwn(parent, last, value);
  else if (last === '-') parent.push(value);
  else {
    const at = index(last, parent.length + 1, `error in add for path: '${path}'`);
    shift(parent.length - at, spent);
    parent.splice(at, 0, value);
  }
}

function shift(elements: number, spent: Spent): void {
  spent.shifted += elements;
  if (spent.shifted > MAX_SHIFTED_ELEMENTS) throw refused('too many elements are moved');
}

function put(document: unknown, path: unknown, value: unknown, spent: Spent): void {
  const absent = (at: unknown): StatusError => missing(`replace operation does not apply: doc is missing path: ${at}`);
  const { parent, last } = find(document, path, spent, absent);
  if (Array.isArray(parent)) {
    const at = indexIn(last, parent.length);
    if (at === undefined) throw missing(`replace operation does not apply: doc is missing key: ${path}`);
    parent[at] = value;
  } else setOwn(parent, last, value);
}

function remove(document: unknown, path: unknown, spent: Spent): void {
  const where = `error in remove for path: '${path}'`;
  const absent = (at: unknown): StatusError => missing(`remove operation does not apply: doc is missing path: "${at}"`);
  const { parent, last } = find(document, path, spent, absent);
  if (Array.isArray(parent)) {
    const at = index(last, parent.length, where);
    shift(parent.length - at, spent);
    parent.splice(at, 1);
  } else if (Object.hasOwn(parent, last)) delete parent[last];
  else throw missing(`${where}: Unable to remove nonexistent key: ${last}`);
}
