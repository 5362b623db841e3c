/** Builtins about processes: wait, kill, jobs, fg, bg, trap, times, ulimit, umask. */
import { Errno } from '../errno.ts';
import { SIGNAL_NUMBERS, signalNamed, signalOf } from '../kernel/signals.ts';
import type { Ended, Run, Signal } from '../program.ts';
import { inForeground, noteEnd, tellOfSignal, updateJobs } from '../shell/children.ts';
import { complain, complainPlainly } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';
import type { Job } from '../shell/state.ts';
import { setTrap } from '../shell/traps.ts';
import { type BuiltinRun, wrong } from './builtin.ts';
import { jobLine } from './job-lines.ts';

/** `%1`, `%%`, `%+`, `%-`, `%name`. */
function jobOf(shell: Shell, word: string): Job | undefined {
  const { jobs } = shell.state;
  const name = word.slice(1);
  if (name === '' || name === '%' || name === '+') return jobs.at(-1);
  if (name === '-') return jobs.at(-2) ?? jobs.at(-1);
  if (/^\d+$/.test(name)) return jobs.find(({ number }) => number === Number(name));
  return jobs.findLast(({ text }) => text.startsWith(name));
}

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
      return yield* wrong(shell, { ash: plain, dash: plain, bash: `\`${word}': not a pid or valid job spec` }, 'wait', shell.state.dialect === 'bash' ? 1 : 2);
    }
    const pid = job ? job.pids.at(-1)! : Number(word);
    const found = yield* waitOne(shell, pid);
    if (found === undefined && shell.state.dialect === 'bash') yield* complain(shell, `pid ${pid} is not a child of this shell`, 'wait');
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

function* listSignals(shell: Shell, words: readonly string[]): Run<number> {
  if (words.length > 0) {
    for (const word of words) {
      const number = Number(word);
      const signal = signalOf(number > 128 ? number - 128 : number);
      yield* shell.print(`${/^\d+$/.test(word) ? (signal ?? number) : SIGNAL_NUMBERS[signalNamed(word) ?? 'TERM']}\n`);
    }
    return 0;
  }
  const all = Object.entries(SIGNAL_NUMBERS);
  if (shell.state.dialect === 'bash') {
    const shown = all.map(([name, number]) => `${String(number).padStart(2)}) SIG${name}`);
    for (let i = 0; i < shown.length; i += 5) yield* shell.print(`${shown.slice(i, i + 5).join('\t')}\n`);
  } else yield* shell.print(all.map(([name, number]) => (shell.state.dialect === 'ash' ? `${String(number).padStart(2)}) ${name}` : name)).join('\n') + '\n');
  return 0;
}

export const kill: BuiltinRun = function* (shell, words) {
  let args = words.slice(1);
  let signal: Signal | 0 = 'TERM';
  if (args[0] === '-l' || args[0] === '-L') return yield* listSignals(shell, args.slice(1));
  if (args[0]?.startsWith('-') && args[0] !== '--') {
    const name = args[0] === '-s' || args[0] === '-n' ? (args[1] ?? '') : args[0].slice(1);
    args = args.slice(args[0] === '-s' || args[0] === '-n' ? 2 : 1);
    const found = name === '0' ? 0 : signalNamed(name);
    if (found === undefined) {
      yield* complainPlainly(shell, 'kill', { ash: `bad signal name '${name}'`, dash: `Illegal option -${name.slice(0, 1)}`, bash: `${name}: invalid signal specification` });
      return shell.state.dialect === 'dash' ? 2 : 1;
    }
    signal = found;
  }
  if (args[0] === '--') args = args.slice(1);
  if (args.length === 0) {
    yield* complainPlainly(shell, 'kill', { ash: 'you need to specify whom to kill', dash: 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]', bash: 'usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]' });
    return shell.state.dialect === 'ash' ? 1 : 2;
  }
  let status = 0;
  for (const word of args) status = (yield* killOne(shell, word, signal)) || status;
  return status;
};

function* killOne(shell: Shell, word: string, signal: Signal | 0): Run<number> {
  const job = word.startsWith('%') ? jobOf(shell, word) : undefined;
  if (word.startsWith('%') && !job) {
    return yield* wrong(shell, { ash: `${word}: no such job`, dash: `No such job: ${word}`, bash: `${word}: no such job` }, 'kill', shell.state.dialect === 'bash' ? 1 : 2);
  }
  if (!job && !/^-?\d+$/.test(word)) {
    yield* complainPlainly(shell, 'kill', { ash: `invalid number '${word}'`, dash: `Illegal number: ${word}`, bash: `${word}: arguments must be process or job IDs` });
    return shell.state.dialect === 'dash' ? 2 : 1;
  }
  const pids = job ? (shell.has('m') ? [-job.group] : job.pids) : [Number(word)];
  try {
    for (const pid of pids) shell.process.kill(pid, signal);
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const { message } = error;
    yield* complainPlainly(shell, 'kill', { ash: `can't kill pid ${word}: ${message}`, dash: `${message}\n`, bash: `(${word}) - ${message}` });
    return 1;
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
      return yield* wrong(shell, { ash: plain, dash: plain, bash: `${words[1] ?? 'current'}: no such job` }, name, bash ? 1 : 2);
    }
    yield* shell.print(isForeground ? `${job.text}\n` : `[${job.number}] ${job.text}\n`);
    job.isStopped = false;
    shell.process.kill(shell.has('m') ? -job.group : job.pids[0]!, 'CONT');
    if (!isForeground) return 0;
    const ended = yield* inForeground(shell, job.pids);
    shell.state.jobs = shell.state.jobs.filter((each) => each !== job);
    return ended.at(-1)!.status;
  };

export const foreground = resume(true);
export const background = resume(false);

/** `EXIT`, or a signal; 0 is EXIT too. */
function trapName(word: string): string | undefined {
  const upper = word.toUpperCase();
  if (word === '0' || upper === 'EXIT') return 'EXIT';
  if (upper === 'ERR' || upper === 'DEBUG' || upper === 'RETURN') return upper;
  return signalNamed(word);
}

export const trap: BuiltinRun = function* (shell, words) {
  let args = words.slice(1);
  if (args[0] === '--') args = args.slice(1);
  if (args[0] === '-l') return yield* listSignals(shell, []);
  if (args.length === 0 || args[0] === '-p') {
    const order = ([a]: [string, string], [b]: [string, string]): number => numberOf(a) - numberOf(b);
    for (const [name, action] of [...shell.state.traps].sort(order)) {
      const shown = shell.state.dialect === 'bash' && name !== 'EXIT' && name !== 'ERR' ? `SIG${name}` : name;
      yield* shell.print(`trap -- '${action.replaceAll("'", `'\\''`)}' ${shown}\n`);
    }
    return 0;
  }
  const isReset = args.length === 1 || args[0] === '-' || /^\d+$/.test(args[0]!);
  const action = isReset ? undefined : args[0]!;
  let status = 0;
  for (const word of args[0] === '-' || !isReset ? args.slice(1) : args) {
    const name = trapName(word);
    if (name !== undefined) setTrap(shell, name, action);
    else {
      status = 1;
      if (shell.state.dialect === 'dash') yield* shell.tell(`trap: ${word}: bad trap`);
      else yield* complain(shell, `${word}: invalid signal specification`, 'trap');
    }
  }
  return status;
};

const numberOf = (name: string): number => (name === 'EXIT' ? 0 : (SIGNAL_NUMBERS[name as Signal] ?? 100));

export const times: BuiltinRun = function* (shell) {
  yield* shell.print('0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n');
  return 0;
};

const LIMITS: Readonly<Record<string, string>> = { n: '1048576', u: '1048576', s: '8192', c: 'unlimited', f: 'unlimited', v: 'unlimited', l: '64' };

export const ulimit: BuiltinRun = function* (shell, words) {
  const option = words[1] ?? '-f';
  if (option === '-a') {
    for (const [letter, value] of Object.entries(LIMITS)) yield* shell.print(`-${letter}: ${value}\n`);
    return 0;
  }
  if (words.length > 2 || !option.startsWith('-')) return 0;
  yield* shell.print(`${LIMITS[option.replace(/^-[SH]?/, '') || 'f'] ?? 'unlimited'}\n`);
  return 0;
};

const octal = (bits: number): string => bits.toString(8).padStart(4, '0');

export const umask: BuiltinRun = function* (shell, words) {
  const { process } = shell;
  const word = words[1];
  if (word === undefined) {
    yield* shell.print(`${octal(process.umask)}\n`);
    return 0;
  }
  if (word === '-S') {
    const letters = (shift: number): string => [...'rwx'].filter((_, i) => ((~process.umask >> shift) & (4 >> i)) !== 0).join('');
    yield* shell.print(`u=${letters(6)},g=${letters(3)},o=${letters(0)}\n`);
    return 0;
  }
  const bits = /^[0-7]{1,4}$/.test(word) ? Number.parseInt(word, 8) : symbolic(word, process.umask);
  if (bits === undefined) {
    return yield* wrong(shell, { ash: `illegal mode: ${word}`, dash: `Illegal mode: ${word}`, bash: `\`${word.slice(0, 1)}': invalid symbolic mode operator` }, 'umask', shell.state.dialect === 'bash' ? 1 : 2);
  }
  process.umask = bits;
  return 0;
};

/** `u=rwx,go-w`: what is allowed. */
function symbolic(text: string, before: number): number | undefined {
  let allowed = ~before & 0o777;
  for (const clause of text.split(',')) {
    const found = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause);
    if (!found) return undefined;
    const whom = found[1] === '' || found[1]!.includes('a') ? 'ugo' : found[1]!;
    const bits = [...found[3]!].reduce((sum, letter) => sum | { r: 4, w: 2, x: 1 }[letter as 'r' | 'w' | 'x'], 0);
    for (const who of whom) {
      const shift = { u: 6, g: 3, o: 0 }[who as 'u' | 'g' | 'o'];
      if (found[2] === '+') allowed |= bits << shift;
      else if (found[2] === '-') allowed &= ~(bits << shift);
      else allowed = (allowed & ~(7 << shift)) | (bits << shift);
    }
  }
  return ~allowed & 0o777;
}

