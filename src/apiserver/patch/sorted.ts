/** What a patch goes into is a Go map from then on, whose keys are written in order: refusals and warnings show it. */
import type { JSONObject } from '../../objects/json.ts';
import { setOwn } from '../../objects/own.ts';

export function sortKeys(object: JSONObject): void {
  const keys = Object.keys(object);
  if (keys.every((key, i) => i === 0 || keys[i - 1]! <= key)) return;
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const key of keys) delete object[key];
  for (const [key, value] of entries) setOwn(object, key, value);
}
