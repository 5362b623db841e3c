/** Sorting measurements out: percentiles, loads, and what the kernel says of a process. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Latencies {
  count: number;
  p50: number;
  p99: number;
  perSecond: number;
}

/** Runs `count` calls of `one`, `connections` at a time; milliseconds. */
export async function load(count: number, connections: number, one: (i: number) => Promise<void>): Promise<Latencies> {
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const worker = async () => {
    while (next < count) {
      const i = next++;
      const from = performance.now();
      await one(i);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const took = performance.now() - started;
  times.sort((a, b) => a - b);
  return { count, p50: percentile(times, 0.5), p99: percentile(times, 0.99), perSecond: (count / took) * 1000 };
}

/** Resident memory in MB and CPU seconds so far of a process, from /proc; zeros where there is none. */
export function processFigures(pid: number): { residentMB: number; cpuSeconds: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    return { residentMB: resident, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks };
  } catch {
    return { residentMB: 0, cpuSeconds: 0 };
  }
}

/** Processor time that this process has used so far, milliseconds. */
export function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
