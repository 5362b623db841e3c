/** The children of a shell: waiting for them, and what it says of those that a signal has ended. */
import { Errno } from '../errno.ts';
import { SIGNAL_WORDS } from '../kernel/signals.ts';
import type { Ended, Program, Run, Spawn } from '../program.ts';
import type { Command } from '../syntax/syntax.ts';
import { saidFaults } from './faults.ts';
import { Shell, ShellExit, ShellFault } from './shell.ts';
import { type Job, subshellState } from './state.ts';
import { endShell } from './traps.ts';

/** Waits for a child also when a signal comes: its trap is run afterwards. */
export function* waitFor(shell: Shell, pid: number): Run<Ended | undefined> {
  for (;;) {
    try {
      return yield* shell.process.wait(pid);
    } catch (error) {
      if (!(error instanceof Errno) || error.code !== 'EINTR') throw error;
    }
  }
}

/** Says what has ended a child, unless it was ^C or a reader that is gone. */
export function* tellOfSignal(shell: Shell, { signal, pid }: Ended, text: string): Run {
  if (!signal || signal === 'PIPE') return;
  if (signal === 'INT') {
    if (shell.state.isInteractive) yield* shell.tell('');
    return;
  }
  const words = SIGNAL_WORDS[signal] ?? signal;
  const { dialect, isInteractive, line, name } = shell.state;
  if (dialect !== 'bash' || signal === 'TERM' || isInteractive) yield* shell.tell(words);
  else yield* shell.tell(`${name}: line ${line}: ${String(pid).padStart(5)} ${words.padEnd(23)} ${text}`);
}

/** Starts a copy of the shell that runs a command and ends. */
export function forkShell(shell: Shell, body: (copy: Shell) => Run<number>, how: Spawn = {}): number {
  shell.epoch++;
  const state = subshellState(shell.state);
  const program: Program = (process) => runCopy(new Shell(process, state, shell.interpreter), body);
  return shell.process.fork(program, { descriptors: shell.descriptors, env: shell.environment, ...how });
}

function* runCopy(copy: Shell, body: (copy: Shell) => Run<number>): Run<number> {
  let status: number;
  try {
    status = yield* saidFaults(copy, body(copy));
  } catch (error) {
    if (error instanceof ShellExit || error instanceof ShellFault) status = error.status;
    else throw error;
  }
  return yield* endShell(copy, status);
}

/** The body of a subshell that runs one command. */
export function running(command: Command): (copy: Shell) => Run<number> {
  return (copy) => {
    copy.isLast = true;
    return copy.run(command);
  };
}

/** A group of its own for what is started, where there is job control. */
export const groupOf = (shell: Shell): Spawn['group'] | undefined => (shell.has('m') ? 'new' : undefined);

/** Waits for what runs in the foreground; with job control the terminal is its own meanwhile. */
export function* inForeground(shell: Shell, pids: readonly number[]): Run<Ended[]> {
  const hasControl = shell.has('m');
  if (hasControl && pids[0] !== undefined) shell.process.foreground(pids[0]);
  const ended: Ended[] = [];
  for (const pid of pids) ended.push((yield* waitFor(shell, pid)) ?? { pid, status: 127 });
  if (hasControl) shell.process.foreground(shell.process.group);
  return ended;
}

/** Notes a job in the background. */
export function addJob(shell: Shell, pids: number[], text: string): Job {
  const { jobs } = shell.state;
  const number = jobs.reduce((most, job) => Math.max(most, job.number), 0) + 1;
  const job: Job = { number, group: pids[0]!, pids, status: undefined, text };
  jobs.push(job);
  shell.state.lastAsync = pids.at(-1)!;
  return job;
}

/** Asks which jobs have ended meanwhile. */
export function updateJobs(shell: Shell): void {
  for (const job of shell.state.jobs) {
    if (job.status !== undefined) continue;
    for (const pid of [...job.pids]) {
      const ended = shell.process.reap(pid);
      if (!ended) continue;
      noteEnd(job, ended);
    }
  }
}

export function noteEnd(job: Job, { pid, status, signal }: Ended): void {
  const isLast = job.pids.at(-1) === pid;
  job.pids = job.pids.filter((each) => each !== pid || isLast);
  if (!isLast) return;
  job.status = status;
  if (signal) job.signal = signal;
}
