/** What an input may cost: CPU of this thread and memory of this process. */
import { expect } from 'vitest';

/** Milliseconds on a machine that does the yardstick's work in `YARDSTICK_MS`; a slower one, or one that shares its cores, has as much more. */
export const MAX_CPU = 200;
/** Times its own size that an input may take of memory, beside what any input may. */
export const MAX_GROWTH = 20;
const FREE_BYTES = 256 * 1024 * 1024;

const YARDSTICK_MS = 25;
const YARDSTICK = JSON.stringify(
  Array.from({ length: 6000 }, (_, i) => ({
    name: `item-${i}`,
    labels: { app: 'web', index: String(i) },
    values: [i, i / 2],
  })),
);

const cpuNow = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

async function cpuOf(work: () => unknown): Promise<number> {
  const start = cpuNow();
  await work();
  return cpuNow() - start;
}

/** How many times slower than the machine of the limits this one is now; never under 1. */
export async function slowness(): Promise<number> {
  const work = (): void => {
    for (let i = 0; i < 3; i++) JSON.stringify(JSON.parse(YARDSTICK));
  };
  const runs = [await cpuOf(work), await cpuOf(work), await cpuOf(work)];
  return Math.max(1, Math.min(...runs) / YARDSTICK_MS);
}

/**
 * Runs an input's steps in their order; what seems to cost too much is run again, all of it, since a collection of garbage or a first
 * compilation may have come between. Each step has the whole bound: it is a request or a turn of its own.
 */
export async function gauged(what: () => string, size: number, ...steps: (() => unknown)[]): Promise<void> {
  const memory = process.resourceUsage().maxRSS;
  const least = steps.map(() => Number.POSITIVE_INFINITY);
  let most = MAX_CPU;
  for (let run = 0; run < 3 && Math.max(...least) > most; run++) {
    for (const [i, step] of steps.entries()) least[i] = Math.min(least[i] as number, await cpuOf(step));
    if (Math.max(...least) > MAX_CPU) most = Math.max(most, MAX_CPU * (await slowness()));
  }
  const cost = Math.max(...least);
  if (cost > most) expect.fail(`${cost.toFixed(0)} of ${most.toFixed(0)} ms of CPU: ${what().slice(0, 2000)}`);
  const grown = (process.resourceUsage().maxRSS - memory) * 1024;
  if (grown > FREE_BYTES + MAX_GROWTH * size) expect.fail(`${grown} bytes for ${size}: ${what().slice(0, 2000)}`);
}
