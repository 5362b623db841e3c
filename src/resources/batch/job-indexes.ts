/** Lists of a job's indexes, such as `0,3-5`. Source: k8s.io/kubernetes/pkg/apis/batch/validation. */

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
