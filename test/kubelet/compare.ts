/** What two lives differ in, as lines with the path. */
import type { LooseObject } from '../loose-object.ts';

const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 140);

export function differences(want: unknown, got: unknown, path: string): string[] {
  if (Array.isArray(want) && Array.isArray(got)) {
    const length = want.length === got.length ? [] : [`${path}: ${got.length} items, want ${want.length}`];
    const both = Math.min(want.length, got.length);
    return [...length, ...want.slice(0, both).flatMap((item, i) => differences(item, got[i], `${path}[${i}]`))];
  }
  if (isMap(want) && isMap(got)) {
    const keys = [...new Set([...Object.keys(want), ...Object.keys(got)])].sort();
    return keys.flatMap((key) => {
      if (!(key in got)) return [`${path}.${key}: missing, want ${short(want[key])}`];
      if (!(key in want)) return [`${path}.${key}: unexpected ${short(got[key])}`];
      return differences(want[key], got[key], `${path}.${key}`);
    });
  }
  return want === got ? [] : [`${path}: ${short(got)}, want ${short(want)}`];
}

const isMap = (value: unknown): value is LooseObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const PARTS = ['rejected', 'actions', 'states', 'events', 'logs'] as const;
const CUT = ['seconds', 'restarts', 'event', 'waiting'];

/**
 * By part. Where the recordings took two ways, both are right; a loop may be cut at any point, and then what both have is compared.
 */
export function compareLives(want: LooseObject, got: LooseObject): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const part of PARTS) {
    let differ = differences(want[part], got[part], part);
    const again =
      part === 'actions' && want.resultsAgain
        ? want.actions.map((action: LooseObject, i: number) => ({ ...action, result: want.resultsAgain[i] }))
        : want[`${part}Again`];
    if (differ.length > 0 && again !== undefined) {
      const other = differences(again, got[part], part);
      if (other.length < differ.length) differ = other;
    }
    if (differ.length > 0 && part === 'states' && CUT.some((key) => key in (want.until ?? {}))) {
      const both = Math.min(want.states.length, got.states.length);
      if (both >= want.states.length - 2)
        differ = differences(want.states.slice(0, both), got.states.slice(0, both), part);
    }
    if (differ.length > 0) found[part] = differ;
  }
  return found;
}
