/**
 * Completion indexes of a Job's pods, and lists of them, such as `0,3-5`.
 * Source: k8s.io/kubernetes/pkg/apis/batch/validation and pkg/controller/job/indexed_job_utils.go.
 */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';

const atoi = (text: string): number | undefined => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined);

/** One part: both ends, or what is wrong with it. */
function interval(text: string, completions: number): [number, number] | { error: string } {
  const parts = text.split('-');
  if (parts.length > 2)
    return {
      error: `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    };
  const ends: number[] = [];
  for (const part of parts) {
    const value = atoi(part);
    if (value === undefined) return { error: `cannot convert string to integer for index: ${JSON.stringify(part)}` };
    if (value >= completions) return { error: `too large index: ${JSON.stringify(part)}` };
    ends.push(value);
  }
  const [first = 0, last = first] = ends;
  if (ends.length === 2 && first >= last)
    return { error: `non-increasing order, previous: ${first}, current: ${last}` };
  return [first, last];
}

/** The intervals of a list that is well formed. */
export function parseIndexes(text: string, completions: number): [number, number][] | { error: string } {
  const list: [number, number][] = [];
  if (!text) return list;
  for (const part of text.split(',')) {
    const found = interval(part, completions);
    if (!Array.isArray(found)) return found;
    const last = list[list.length - 1];
    if (last && last[1] >= found[0])
      return { error: `non-increasing order, previous: ${last[1]}, current: ${found[0]}` };
    list.push(found);
  }
  return list;
}

/** How many indexes a list names. */
export function countIndexes(text: string, completions: number): number | { error: string } {
  const list = parseIndexes(text, completions);
  return Array.isArray(list) ? list.reduce((sum, [first, last]) => sum + last - first + 1, 0) : list;
}

/** The indexes of a list that was found to be well formed. */
export function indexSet(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  const list = parseIndexes(text ?? '', Number.POSITIVE_INFINITY);
  for (const [first, last] of Array.isArray(list) ? list : []) for (let i = first; i <= last; i++) indexes.add(i);
  return indexes;
}

export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_KEY];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    if (end - i >= 2) parts.push(`${sorted[i]}-${sorted[end]}`);
    else for (let k = i; k <= end; k++) parts.push(String(sorted[k]));
    i = end + 1;
  }
  return parts.join(',');
}
