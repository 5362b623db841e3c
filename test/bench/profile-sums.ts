/** What a CPU profile says, as sums by function. */

export interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; lineNumber: number; url?: string };
  children?: number[];
}

/** Functions that are shown. */
const SHOWN = 25;

/** What `count` of something took by function, milliseconds each: by itself, and with what it calls. */
export function printSums({ nodes, samples, timeDeltas }: Profile, count: number): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const name = (id: number): string => {
    const { functionName, lineNumber, url = '' } = byId.get(id)!.callFrame;
    return `${functionName || '(anonymous)'} ${url.split('/').at(-1)}:${lineNumber + 1}`;
  };
  samples.forEach((sample, i) => {
    const took = timeDeltas[i]! / 1000 / count;
    self.set(name(sample), (self.get(name(sample)) ?? 0) + took);
    const stack = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) stack.add(name(id));
    for (const one of stack) whole.set(one, (whole.get(one) ?? 0) + took);
  });
  const [own, all] = [top(self), top(whole)];
  for (let i = 0; i < SHOWN; i++) console.log((own[i] ?? '').padEnd(60), all[i] ?? '');
}

const top = (by: Map<string, number>): string[] =>
  [...by]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([what, took]) => `${took.toFixed(4)} ${what}`);
