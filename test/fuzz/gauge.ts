/** What an input may cost: CPU of this thread and memory of this process. */
import { expect } from 'vitest';

/** Milliseconds. */
export const MAX_CPU = 200;
/** Times its own size that an input may take of memory, beside what any input may. */
export const MAX_GROWTH = 20;
const FREE_BYTES = 256 * 1024 * 1024;

const cpuNow = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Runs `work`; what seems to cost too much is run again, since a collection of garbage or a first compilation may have come between. */
export async function gauged(what: () => string, size: number, work: () => unknown): Promise<void> {
  const memory = process.resourceUsage().maxRSS;
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && least > MAX_CPU; run++) {
    const start = cpuNow();
    await work();
    least = Math.min(least, cpuNow() - start);
  }
  if (least > MAX_CPU) expect.fail(`${least.toFixed(0)} ms of CPU: ${what().slice(0, 2000)}`);
  const grown = (process.resourceUsage().maxRSS - memory) * 1024;
  if (grown > FREE_BYTES + MAX_GROWTH * size) expect.fail(`${grown} bytes for ${size}: ${what().slice(0, 2000)}`);
}
