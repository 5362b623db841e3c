/** Jobs as `jobs` and notices show them. */
import { SIGNAL_WORDS } from '../kernel/signals.ts';
import type { Shell } from '../shell/shell.ts';
import type { Job } from '../shell/state.ts';

function stateOf({ status, signal }: Job): string {
  if (status === undefined) return 'Running';
  if (signal) return SIGNAL_WORDS[signal] ?? signal;
  return status === 0 ? 'Done' : `Done(${status})`;
}

export function jobLine(shell: Shell, job: Job, hasPid = false): string {
  const { jobs, dialect } = shell.state;
  const place = jobs.indexOf(job);
  const mark = place === jobs.length - 1 ? '+' : place === jobs.length - 2 ? '-' : ' ';
  const pid = hasPid ? `${job.pids.at(-1)} ` : '';
  const state = stateOf(job);
  const bashState =
    dialect === 'bash' && job.status !== undefined && !job.signal && job.status > 0 ? `Exit ${job.status}` : state;
  const text = job.text + (dialect === 'bash' && job.status === undefined ? ' &' : '');
  if (dialect === 'dash')
    return `[${job.number}] ${mark} ${pid}${state.padEnd(27)}${shell.state.isInteractive ? text : ''}`;
  if (dialect === 'bash') return `[${job.number}]${mark}  ${pid}${bashState.padEnd(24)}${text}`;
  return `[${job.number}]${mark}  ${pid}${state.padEnd(27)}${shell.state.isInteractive ? text : ''}`;
}
