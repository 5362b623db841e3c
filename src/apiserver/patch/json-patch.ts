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
  if (typeof operation !== 'object' || operation === null || typeof operation.path !== 'string') throw refused();
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
      if (!('value' in operation)) throw refused();
      return add(document, path, structuredClone(operation.value));
    case 'replace':
      if (path.length === 0) return structuredClone(operation.value);
      return put(document, path, structuredClone(operation.value ?? null));
    case 'remove':
      remove(document, path);
      return document;
    case 'move': {
      const from = pointer(operation.from);
      const value = read(document, from);
      remove(document, from);
      return add(document, path, value);
    }
    case 'copy':
      return add(document, path, structuredClone(read(document, pointer(operation.from))));
    case 'test':
      if (!sameValue(readOrNull(document, path), operation.value ?? null)) throw refused();
      return document;
    default:
      throw refused();
  }
}

function pointer(text: unknown): string[] {
  if (text === '') return [];
  if (typeof text !== 'string' || !text.startsWith('/')) throw refused();
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const isContainer = (value: unknown): value is any => typeof value === 'object' && value !== null;

function parentOf(document: any, path: string[]): { parent: any; last: string } {
  let parent = document;
  for (const part of path.slice(0, -1)) parent = child(parent, part);
  if (!isContainer(parent) || path.length === 0) throw refused();
  return { parent, last: path.at(-1)! };
}

function child(parent: any, part: string): any {
  if (Array.isArray(parent)) return parent[index(part, parent.length - 1)];
  if (!isContainer(parent) || !Object.hasOwn(parent, part)) throw refused();
  return parent[part];
}

function index(part: string, max: number): number {
  if (!/^-?\d+$/.test(part)) throw refused();
  const at = Number(part);
  if (at < 0 || at > max) throw refused();
  return at;
}

const read = (document: any, path: string[]): any => path.reduce(child, document);

function readOrNull(document: any, path: string[]): any {
  if (path.length === 0) return document;
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) return parent[index(last, parent.length - 1)];
  return Object.hasOwn(parent, last) ? parent[last] : null;
}

function add(document: any, path: string[], value: any): any {
  if (path.length === 0) return value;
  const { parent, last } = parentOf(document, path);
  if (!Array.isArray(parent)) parent[last] = value;
  else if (last === '-') parent.push(value);
  else parent.splice(index(last, parent.length), 0, value);
  return document;
}

function put(document: any, path: string[], value: any): any {
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) parent[index(last, parent.length - 1)] = value;
  else parent[last] = value;
  return document;
}

function remove(document: any, path: string[]): void {
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) parent.splice(index(last, parent.length - 1), 1);
  else if (Object.hasOwn(parent, last)) delete parent[last];
  else throw refused();
}
