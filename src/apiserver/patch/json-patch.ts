/** JSON patch as the API server runs it: `replace` of what is missing adds it, and any failure is one 422. Source: RFC 6902. */
import { sameValue } from '../equality.ts';
import { StatusError } from '../status.ts';

/** More operations than this are refused. */
const MAX_OPERATIONS = 10_000;

const refused = (): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export function applyJSONPatch(target: any, operations: readonly any[]): any {
  if (operations.length > MAX_OPERATIONS)
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  let document = structuredClone(target);
  for (const operation of operations) document = applyOne(document, operation);
  return document;
}

function applyOne(document: any, operation: any): any {
  const path = operation?.path;
  const value = structuredClone(operation?.value ?? null);
  switch (operation?.op) {
    case 'add':
      add(document, path, value);
      return document;
    case 'replace':
      if (path === '' && isContainer(value)) return value;
      put(document, path, value);
      return document;
    case 'remove':
      remove(document, path);
      return document;
    case 'move': {
      const moved = read(document, operation.from);
      remove(document, operation.from);
      add(document, path, moved);
      return document;
    }
    case 'copy':
      add(document, path, structuredClone(read(document, operation.from)));
      return document;
    case 'test':
      if (!sameValue(path === '' ? document : read(document, path), value)) throw refused();
      return document;
    default:
      throw refused();
  }
}

const isContainer = (value: unknown): value is any => typeof value === 'object' && value !== null;

/** Where a path leads: what holds it, and its key there. What comes before the first slash does not count. */
function find(document: any, path: unknown): { parent: any; last: string } {
  if (typeof path !== 'string' || !path.includes('/')) throw refused();
  const keys = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop()!;
  let parent = document;
  for (const key of keys) {
    parent = Array.isArray(parent) ? parent[index(key, parent.length)] : own(parent, key);
    if (!isContainer(parent)) throw refused();
  }
  return { parent, last };
}

const own = (object: any, key: string): any => (Object.hasOwn(object, key) ? object[key] : undefined);

/** Negative ones count from the end. */
function index(text: string, size: number): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw refused();
  const at = Number(text) < 0 ? Number(text) + size : Number(text);
  if (at < 0 || at >= size) throw refused();
  return at;
}

/** A key that is not there reads as null. */
function read(document: any, path: unknown): any {
  const { parent, last } = find(document, path);
  return (Array.isArray(parent) ? parent[index(last, parent.length)] : own(parent, last)) ?? null;
}

function add(document: any, path: unknown, value: any): void {
  const { parent, last } = find(document, path);
  if (!Array.isArray(parent)) parent[last] = value;
  else if (last === '-') parent.push(value);
  else parent.splice(index(last, parent.length + 1), 0, value);
}

function put(document: any, path: unknown, value: any): void {
  const { parent, last } = find(document, path);
  if (Array.isArray(parent)) parent[index(last, parent.length)] = value;
  else parent[last] = value;
}

function remove(document: any, path: unknown): void {
  const { parent, last } = find(document, path);
  if (Array.isArray(parent)) parent.splice(index(last, parent.length), 1);
  else if (Object.hasOwn(parent, last)) delete parent[last];
  else throw refused();
}
