/** JSON merge patch. Source: RFC 7386. */
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { own, setOwn } from '../../objects/own.ts';
import { sortKeys } from './sorted.ts';

export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJSONObject(patch)) return patch;
  const result: JSONObject = isJSONObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setOwn(result, key, applyMergePatch(own(result, key), value));
  }
  sortKeys(result);
  return result;
}
