/** Builtins about the shell's children: wait, jobs, fg, bg. */
import { Errno } from '../errno.ts';
import { SIGNAL_NUMBERS } from '../kernel/signals.ts';
import type { Ended, Run } from '../program.ts';
import { inForeground, noteEnd, tellOfSignal, updateJobs } from '../shell/children.ts';
import { complain } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';
import type { Job } from '../shell/state.ts';
import { type BuiltinRun, wrong } from './builtin.ts';
import { jobLine } from './job-lines.ts';
import { jobOf } from './job-names.ts';

/** Waits for one child; a signal with a trap gives it up. @returns its status, 128 + n, or undefined: there is no such child */
function* waitOne(shell: Shell, pid: number): Run<number | undefined> {
  const job = shell.state.jobs.find(({ pids }) => pids.includes(pid));
  if (job?.status !== undefined) {
    forget(shell, job);
    return job.status;
  }
  let ended: Ended | undefined;
  try {
    ended = yield* shell.process.wait(pid);
  } catch (error) {
    if (!(error instanceof Errno) || error.code !== 'EINTR') throw error;
    return 128 + SIGNAL_NUMBERS[shell.arrived[0] ?? 'INT'];
  }
  if (!ended) return undefined;
  if (job) noteEnd(job, ended);
  if (job && job.status !== undefined) forget(shell, job);
  if (shell.state.dialect !== 'bash') yield* tellOfSignal(shell, ended, job?.text ?? '');
  return ended.status;
}

const forget = (shell: Shell, job: Job): void => {
  shell.state.jobs = shell.state.jobs.filter((each) => each !== job);
};

export const wait: BuiltinRun = function* (shell, words) {
  const args = words.slice(1).filter((word) => word !== '--');
  if (args[0] === '-n') return yield* waitAny(shell);
  if (args.length === 0) {
    for (const job of [...shell.state.jobs]) {
      for (const pid of job.status === undefined ? [...job.pids] : []) {
        const status = yield* waitOne(shell, pid);
        if (shell.arrived.length > 0 && status !== undefined && status > 128) return status;
      }
      forget(shell, job);
    }
    return 0;
  }
  let status = 0;
  for (const word of args) {
    const job = word.startsWith('%') ? jobOf(shell, word) : undefined;
    if (word.startsWith('%') && !job) {
      const words = { ash: `${word}: no such job`, dash: `No such job: ${word}`, bash: `${word}: no such job` };
      return yield* wrong(shell, words, 'wait', shell.state.dialect === 'bash' ? 127 : 2);
    }
    if (!job && !/^\d+$/.test(word)) {
      const plain = `Illegal number: ${word}`;
      return yield* wrong(
        shell,
        { ash: plain, dash: plain, bash: `\`${word}': not a pid or valid job spec` },
        'wait',
        shell.state.dialect === 'bash' ? 1 : 2,
      );
    }
    const pid = job ? job.pids.at(-1)! : Number(word);
    const found = yield* waitOne(shell, pid);
    if (found === undefined && shell.state.dialect === 'bash')
      yield* complain(shell, `pid ${pid} is not a child of this shell`, 'wait');
    status = found ?? 127;
    if (shell.arrived.length > 0) return status;
  }
  return status;
};

function* waitAny(shell: Shell): Run<number> {
  updateJobs(shell);
  const over = shell.state.jobs.find(({ status }) => status !== undefined);
  if (over) {
    forget(shell, over);
    return over.status!;
  }
  try {
    const ended = yield* shell.process.wait();
    if (!ended) return 127;
    const job = shell.state.jobs.find(({ pids }) => pids.includes(ended.pid));
    if (job) forget(shell, job);
    return ended.status;
  } catch (error) {
    if (!(error instanceof Errno) || error.code !== 'EINTR') throw error;
    return 128 + SIGNAL_NUMBERS[shell.arrived[0] ?? 'INT'];
  }
}

export const jobs: BuiltinRun = function* (shell, words) {
  updateJobs(shell);
  for (const job of shell.state.jobs) {
    const line = words[1] === '-p' ? String(job.pids[0]) : jobLine(shell, job, words[1] === '-l');
    yield* shell.print(`${line}\n`);
  }
  shell.state.jobs = shell.state.jobs.filter(({ status }) => status === undefined);
  return 0;
};

const resume = (isForeground: boolean): BuiltinRun =>
  function* (shell, words) {
    const name = words[0]!;
    const bash = shell.state.dialect === 'bash';
    if (bash && !shell.has('m')) return yield* wrong(shell, 'no job control', name, 1);
    updateJobs(shell);
    const job = jobOf(shell, words[1] ?? '%%');
    if (!job || job.status !== undefined) {
      const plain = words[1] === undefined ? 'No current job' : `No such job: ${words[1]}`;
      return yield* wrong(
        shell,
        { ash: plain, dash: plain, bash: `${words[1] ?? 'current'}: no such job` },
        name,
        bash ? 1 : 2,
      );
    }
    yield* shell.print(isForeground ? `${job.text}\n` : `[${job.number}] ${job.text}\n`);
    shell.process.kill(shell.has('m') ? -job.group : job.pids[0]!, 'CONT');
    if (!isForeground) return 0;
    const ended = yield* inForeground(shell, job.pids);
    forget(shell, job);
    return ended.at(-1)!.status;
  };

export const foreground = resume(true);
export const background = resume(false);
