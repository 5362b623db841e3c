/** What makes one JSON value of another, as a JSON patch (RFC 6902) of `add`, `remove` and `replace`. */
import { sameValue } from './equality.ts';
import { isJSONObject, type JSONObject } from './json.ts';

export type PatchOperation = { op: 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

/** Undefined: there is nothing. What appears or goes is one operation on the whole document. */
export function jsonDiff(before: unknown, after: unknown): PatchOperation[] {
  if (after === undefined) return before === undefined ? [] : [{ op: 'remove', path: '' }];
  if (before === undefined) return [{ op: 'add', path: '', value: after }];
  const operations: PatchOperation[] = [];
  compare(before, after, '', operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, operations: PatchOperation[]): void {
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, operations);
  else if (isJSONObject(before) && isJSONObject(after)) compareObjects(before, after, path, operations);
  else if (!sameValue(before, after)) operations.push({ op: 'replace', path, value: after });
}

function compareObjects(before: JSONObject, after: JSONObject, path: string, operations: PatchOperation[]): void {
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key)) operations.push({ op: 'remove', path: `${path}/${escaped(key)}` });
  for (const [key, value] of Object.entries(after)) {
    const at = `${path}/${escaped(key)}`;
    if (Object.hasOwn(before, key)) compare(before[key], value, at, operations);
    else operations.push({ op: 'add', path: at, value });
  }
}

/** What two lists begin and end with alike stays; between, element becomes element, and the rest is added or goes. */
function compareLists(before: unknown[], after: unknown[], path: string, operations: PatchOperation[]): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && sameValue(before[start], after[start])) start++;
  let end = 0;
  while (end < shorter - start && sameValue(before[before.length - 1 - end], after[after.length - 1 - end])) end++;
  const changed = shorter - start - end;
  for (let i = start; i < start + changed; i++) compare(before[i], after[i], `${path}/${i}`, operations);
  // From the last on, so that the places of those before stay what they are.
  for (let i = before.length - end - 1; i >= start + changed; i--)
    operations.push({ op: 'remove', path: `${path}/${i}` });
  for (let i = start + changed; i < after.length - end; i++)
    operations.push({ op: 'add', path: `${path}/${i}`, value: after[i] });
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
