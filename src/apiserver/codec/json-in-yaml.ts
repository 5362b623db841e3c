/** JSON where YAML is expected, as clients mostly send it: read as JSON where both readers come to the same. */
import type { JSONObject } from '../../objects/json.ts';
import { membersIn, outlineOf } from './json-outline.ts';
import { parsePlain } from './json-text.ts';

/** Characters of a key that YAML knows without a mark before it. */
export const MAX_KEY = 1024;
/** Levels that both readers go down. */
export const MAX_LEVELS = 100;
/** What YAML might merge into the object around it. */
const MERGE_KEY = '"<<"';

/** undefined for what is no object in JSON, and for one of which a YAML reader could say more. */
export function parseJSONAsYAML(text: string): JSONObject | undefined {
  if (!text.trimStart().startsWith('{') || text.includes(MERGE_KEY)) return undefined;
  const outline = outlineOf(text);
  if (!outline.plainText || outline.longestKey >= MAX_KEY || outline.depth > MAX_LEVELS) return undefined;
  const plain = parsePlain(text, outline);
  return plain && membersIn(plain.value) === plain.members ? (plain.value as JSONObject) : undefined;
}
