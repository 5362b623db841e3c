/** What the strict reader of a patch's text notices before the patch is run. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go. */
import { isJSONObject } from '../../objects/json.ts';
import type { Notes } from '../codec/json-text.ts';

/** Repeated keys anywhere in a patch. */
export function repeatedKeys(value: unknown, notes: Notes, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const at = (key: string): string => (Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key);
  return [
    ...[...(notes.get(value)?.duplicates ?? [])].map((key) => `duplicate field "${at(key)}"`),
    ...Object.entries(value).flatMap(([key, part]) => repeatedKeys(part, notes, at(key))),
  ];
}

const MEMBERS = ['op', 'path', 'from', 'value'];

/** JSONObject of operations that JSON patch does not know. */
export const unknownMembers = (operations: readonly unknown[]): string[] =>
  operations.flatMap((operation, i) =>
    Object.keys(operation ?? {})
      .filter((key) => !MEMBERS.includes(key))
      .map((key) => `unknown field "[${i}].${key}"`),
  );

/** The first member of the operations that is of another type than it should be, as Go's decoder says it. */
export function illTyped(operations: readonly unknown[]): string | undefined {
  for (const operation of operations) {
    if (operation === null) continue;
    if (!isJSONObject(operation)) return cannotDecode(operation, 'Go value of type handlers.jsonPatchOp');
    for (const key of Object.keys(operation)) {
      const member = operation[key];
      if (['op', 'path', 'from'].includes(key) && member !== null && typeof member !== 'string')
        return cannotDecode(member, `Go struct field jsonPatchOp.${key} of type string`);
    }
  }
  return undefined;
}

export function cannotDecode(value: unknown, target: string): string {
  const word = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return `json: cannot unmarshal ${word} into ${target}`;
}
