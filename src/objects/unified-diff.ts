/** The unified diff that some messages end with, line for line as Python's difflib (and its Go port) makes it. */

interface Block {
  a: number;
  b: number;
  size: number;
}

interface Change {
  tag: 'equal' | 'replace' | 'delete' | 'insert';
  a1: number;
  a2: number;
  b1: number;
  b2: number;
}

const CONTEXT = 3;
/** Lines that are looked at; after them what is left counts as changed. Looking for the longest match again and again has no other end. */
export const MAX_DIFF_STEPS = 1_000_000;
/** Longer texts ignore lines that make up more than a hundredth of them. */
const POPULAR_FROM = 200;

function occurrences(b: string[]): Map<string, number[]> {
  const where = new Map<string, number[]>();
  for (const [i, line] of b.entries()) {
    const list = where.get(line);
    if (list) list.push(i);
    else where.set(line, [i]);
  }
  if (b.length >= POPULAR_FROM) {
    const limit = Math.floor(b.length / 100) + 1;
    for (const [line, list] of where) if (list.length > limit) where.delete(line);
  }
  return where;
}

function longestMatch(
  a: string[],
  b: string[],
  where: Map<string, number[]>,
  [aLow, aHigh, bLow, bHigh]: [number, number, number, number],
  budget: { steps: number },
): Block {
  let best: Block = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    if (--budget.steps < 0) return { a: aLow, b: bLow, size: 0 };
    const next = new Map<number, number>();
    for (const j of where.get(a[i] ?? '') ?? []) {
      budget.steps--;
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  while (best.a > aLow && best.b > bLow && a[best.a - 1] === b[best.b - 1])
    best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
  while (best.a + best.size < aHigh && best.b + best.size < bHigh && a[best.a + best.size] === b[best.b + best.size])
    best = { ...best, size: best.size + 1 };
  return best;
}

function matchingBlocks(a: string[], b: string[]): Block[] {
  const where = occurrences(b);
  const blocks: Block[] = [];
  const budget = { steps: MAX_DIFF_STEPS };
  const left: [aLow: number, aHigh: number, bLow: number, bHigh: number][] = [[0, a.length, 0, b.length]];
  for (let part = left.pop(); part; part = left.pop()) {
    const [aLow, aHigh, bLow, bHigh] = part;
    const match = longestMatch(a, b, where, part, budget);
    if (match.size === 0) continue;
    blocks.push(match);
    if (aLow < match.a && bLow < match.b) left.push([aLow, match.a, bLow, match.b]);
    if (match.a + match.size < aHigh && match.b + match.size < bHigh)
      left.push([match.a + match.size, aHigh, match.b + match.size, bHigh]);
  }
  blocks.sort((x, y) => x.a - y.a);
  const joined: Block[] = [];
  for (const block of blocks) {
    const last = joined[joined.length - 1];
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) last.size += block.size;
    else joined.push({ ...block });
  }
  joined.push({ a: a.length, b: b.length, size: 0 });
  return joined;
}

function changes(a: string[], b: string[]): Change[] {
  const list: Change[] = [];
  let i = 0;
  let j = 0;
  for (const block of matchingBlocks(a, b)) {
    const tag = i < block.a ? (j < block.b ? 'replace' : 'delete') : j < block.b ? 'insert' : undefined;
    if (tag) list.push({ tag, a1: i, a2: block.a, b1: j, b2: block.b });
    i = block.a + block.size;
    j = block.b + block.size;
    if (block.size > 0) list.push({ tag: 'equal', a1: block.a, a2: i, b1: block.b, b2: j });
  }
  return list;
}

function hunks(a: string[], b: string[]): Change[][] {
  const list = changes(a, b);
  const first = list[0];
  if (first?.tag === 'equal')
    list[0] = { ...first, a1: Math.max(first.a1, first.a2 - CONTEXT), b1: Math.max(first.b1, first.b2 - CONTEXT) };
  const last = list[list.length - 1];
  if (last?.tag === 'equal')
    list[list.length - 1] = {
      ...last,
      a2: Math.min(last.a2, last.a1 + CONTEXT),
      b2: Math.min(last.b2, last.b1 + CONTEXT),
    };
  const groups: Change[][] = [];
  let group: Change[] = [];
  for (const change of list) {
    let { a1, b1 } = change;
    if (change.tag === 'equal' && change.a2 - a1 > 2 * CONTEXT) {
      group.push({
        ...change,
        a2: Math.min(change.a2, a1 + CONTEXT),
        b2: Math.min(change.b2, b1 + CONTEXT),
      });
      groups.push(group);
      group = [];
      a1 = Math.max(a1, change.a2 - CONTEXT);
      b1 = Math.max(b1, change.b2 - CONTEXT);
    }
    group.push({ ...change, a1, b1 });
  }
  if (group.length > 0 && !(group.length === 1 && group[0]?.tag === 'equal')) groups.push(group);
  return groups;
}

function range(start: number, stop: number): string {
  const length = stop - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

/** Without the lines that name the files; '' when nothing differs. */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split('\n');
  const b = after.split('\n');
  let text = '';
  for (const group of hunks(a, b)) {
    const first = group[0];
    const last = group[group.length - 1];
    if (!first || !last) continue;
    text += `@@ -${range(first.a1, last.a2)} +${range(first.b1, last.b2)} @@\n`;
    for (const change of group) {
      if (change.tag === 'equal') for (const line of a.slice(change.a1, change.a2)) text += ` ${line}\n`;
      if (change.tag === 'replace' || change.tag === 'delete')
        for (const line of a.slice(change.a1, change.a2)) text += `-${line}\n`;
      if (change.tag === 'replace' || change.tag === 'insert')
        for (const line of b.slice(change.b1, change.b2)) text += `+${line}\n`;
    }
  }
  return text;
}
