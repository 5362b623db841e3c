/** JSON merge patch. Source: RFC 7386. */
import { own, setOwn } from '../../objects/own.ts';
import { sortKeys } from './sorted.ts';

export function applyMergePatch(target: any, patch: any): any {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: any = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setOwn(result, key, applyMergePatch(own(result, key), value));
  }
  sortKeys(result);
  return result;
}
