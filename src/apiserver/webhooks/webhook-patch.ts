/**
 * The JSON patch of a mutating webhook. Unlike a client's patch it must find what it replaces, and what fails is said in the words of
 * gopkg.in/evanphx/json-patch.v4.
 */
import { sameValue } from '../../objects/equality.ts';
import { isJSONObject } from '../../objects/json.ts';
import { own } from '../../objects/own.ts';
import { StatusError } from '../../objects/status.ts';
import { JSONSyntaxError, parseJSON } from '../codec/json-text.ts';
import { applyJSONPatch } from '../patch/json-patch.ts';

/** What is no patch. */
export class UndecodablePatch extends Error {}

/** The operations of a patch. @throws UndecodablePatch */
export function decodePatch(text: string): unknown[] {
  let value: unknown;
  try {
    ({ value } = parseJSON(text));
  } catch (error) {
    if (error instanceof JSONSyntaxError) throw new UndecodablePatch(error.message);
    throw error;
  }
  const into = 'into Go value of type jsonpatch.';
  if (value === null) return [];
  if (!Array.isArray(value)) throw new UndecodablePatch(`json: cannot unmarshal ${wordOf(value)} ${into}Patch`);
  const other = value.find((operation) => operation !== null && !isJSONObject(operation));
  if (other !== undefined) throw new UndecodablePatch(`json: cannot unmarshal ${wordOf(other)} ${into}Operation`);
  return value;
}

const wordOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

/** What cannot be applied, in words. */
export class PatchFailed extends Error {}

/** @throws PatchFailed */
export function applyWebhookPatch(target: unknown, operations: readonly unknown[]): unknown {
  try {
    return applyJSONPatch(target, operations, (document, operation) => {
      const problem = problemOf(document, operation);
      if (problem !== undefined) throw new PatchFailed(problem);
    });
  } catch (error) {
    if (error instanceof StatusError) throw new PatchFailed(error.message);
    throw error;
  }
}

/** Why an operation does not apply to the document as it is when its turn comes; undefined: it may. */
function problemOf(document: unknown, operation: unknown): string | undefined {
  const { op, path, from, value } = isJSONObject(operation) ? operation : {};
  if (typeof op !== 'string') return 'Unexpected kind: unknown';
  if (!KINDS.has(op)) return `Unexpected kind: ${op}`;
  if (typeof path !== 'string') return `${op} operation failed to decode path: ${MISSING}`;
  if (op === 'move' || op === 'copy') return sourceProblem(document, op, from);
  if (path === '') return undefined;
  const parent = parentOf(document, path);
  if (!parent) return missingPath(op, path);
  const there = valueAt(parent.container, parent.key);
  switch (op) {
    case 'add':
      return there.problem === undefined || parent.key === '-' || isNext(parent)
        ? undefined
        : Array.isArray(parent.container)
          ? `error in add for path: '${path}': ${there.problem}`
          : undefined;
    case 'remove':
      if (there.problem !== undefined) return `error in remove for path: '${path}': ${there.problem}`;
      return there.isMissing
        ? `error in remove for path: '${path}': Unable to remove nonexistent key: ${parent.key}: ${MISSING}`
        : undefined;
    case 'replace':
      return there.problem !== undefined || there.isMissing
        ? `replace operation does not apply: doc is missing key: ${path}: ${MISSING}`
        : undefined;
    default:
      if (there.problem !== undefined) return `error in test for path: '${path}': ${there.problem}`;
      if (there.isMissing && value !== null && value !== undefined)
        return `error in test for path: '${path}': ${MISSING}`;
      return sameValue(there.value ?? null, value ?? null) ? undefined : `testing value ${path} failed: test failed`;
  }
}

const KINDS = new Set(['add', 'remove', 'replace', 'move', 'test', 'copy']);
const MISSING = 'missing value';

function missingPath(op: string, path: string): string {
  switch (op) {
    case 'add':
    case 'remove':
      return `${op} operation does not apply: doc is missing path: "${path}": ${MISSING}`;
    case 'replace':
      return `replace operation does not apply: doc is missing path: ${path}: ${MISSING}`;
    default:
      return `test operation does not apply: is missing path: ${path}: ${MISSING}`;
  }
}

function sourceProblem(document: unknown, op: 'move' | 'copy', from: unknown): string | undefined {
  if (typeof from !== 'string') return `${op} operation failed to decode from: ${MISSING}`;
  const source = parentOf(document, from);
  if (!source) return `${op} operation does not apply: doc is missing from path: ${from}: ${MISSING}`;
  const { problem, isMissing } = valueAt(source.container, source.key);
  if (problem === undefined && !isMissing) return undefined;
  const where = op === 'move' ? `error in move for path: '${source.key}'` : `error in copy for from: '${from}'`;
  return `${where}: ${problem ?? MISSING}`;
}

type Container = unknown[] | Record<string, unknown>;

interface Place {
  container: Container;
  key: string;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** What holds what a path names; undefined: the way there is missing. */
function parentOf(document: unknown, path: string): Place | undefined {
  const keys = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = keys.pop();
  if (key === undefined) return undefined;
  let container = document;
  for (const step of keys) {
    if (!isContainer(container)) return undefined;
    container = valueAt(container, step).value;
  }
  return isContainer(container) ? { container, key } : undefined;
}

function valueAt(container: Container, key: string): { value?: unknown; isMissing?: boolean; problem?: string } {
  if (!Array.isArray(container)) {
    const value = own(container, key);
    return value === undefined ? { isMissing: true } : { value };
  }
  if (!/^[-+]?\d+$/.test(key)) return { problem: `strconv.Atoi: parsing "${key}": invalid syntax` };
  const index = Number(key);
  const at = index < 0 ? index + container.length : index;
  if (at < 0 || at >= container.length)
    return { problem: `Unable to access invalid index: ${index}: invalid index referenced` };
  return { value: container[at] };
}

/** Whether an element may be put at the list's end by its index. */
const isNext = ({ container, key }: Place): boolean => Array.isArray(container) && key === String(container.length);
