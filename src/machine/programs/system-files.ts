/** What commands read in a container's system files: its names in /etc/hosts, memory and processors in /proc. */
import type { Process } from '../program.ts';
import { readOr } from './applet.ts';

/** Lines of /etc/hosts that have this name: [address, names]. */
export const hostLines = (process: Process, name: string): [string, string[]][] =>
  readOr(process, '/etc/hosts')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([, ...names]) => names.includes(name))
    .map(([address, ...names]): [string, string[]] => [address!, names]);

/** The pod's address, as /etc/hosts has it. */
export const ownAddress = (process: Process): string => hostLines(process, process.hostname())[0]?.[0] ?? '127.0.0.1';

/** Kilobytes of /proc/meminfo, by their names. */
export const memoryInfo = (process: Process): ReadonlyMap<string, number> =>
  new Map(
    [...readOr(process, '/proc/meminfo').matchAll(/^(\w+):\s+(\d+)/gm)].map(([, name, value]): [string, number] => [
      name!,
      Number(value),
    ]),
  );

/** Those that /proc/cpuinfo tells of; one where it tells of none. */
export const processorsOf = (process: Process): number =>
  (readOr(process, '/proc/cpuinfo').match(/^processor/gm) ?? ['']).length;
