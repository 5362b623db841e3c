/** Which process a number is: numbers are given again, and a lock or a kill must not hit who came later. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** When a running process was started, in the system's own words; undefined if there is none, or if the system does not tell. */
export function processStart(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    if (process.platform === 'linux') {
      // The name, in brackets, may hold anything; the 22nd field is the start in ticks since this boot. A zombie runs no more.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return fields[0] === 'Z' ? undefined : `${fields[19]}@${boot}`;
    }
    if (process.platform === 'win32') return undefined;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
