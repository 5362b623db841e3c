/** Completion indexes as a Job's status prints them: `0,2-4`. Source: pkg/controller/job/indexed_job_utils.go. */
import type { KubeObject } from '../objects/object.ts';

export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

export function indexOf(pod: KubeObject): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_KEY];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',').filter((p) => p !== '')) {
    const [first, last = first] = part.split('-').map(Number) as [number, number?];
    for (let i = first; i <= (last as number); i++) indexes.add(i);
  }
  return indexes;
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
