/** Builtins about signals: kill and trap. */
import { Errno } from '../errno.ts';
import { SIGNAL_NUMBERS, signalNamed, signalOf } from '../kernel/signals.ts';
import type { Run, Signal } from '../program.ts';
import { complain, complainPlainly } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';
import { singleQuoted } from '../shell/trace.ts';
import { setTrap } from '../shell/traps.ts';
import { type BuiltinRun, wrong } from './builtin.ts';
import { jobOf } from './job-names.ts';

function* listSignals(shell: Shell, words: readonly string[]): Run<number> {
  if (words.length > 0) {
    for (const word of words) {
      if (shell.state.dialect === 'dash' && !/^\d+$/.test(word))
        return yield* wrong(shell, `Illegal number: ${word}`, 'kill', 2);
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
  } else {
    const isAsh = shell.state.dialect === 'ash';
    for (const [name, number] of all)
      yield* shell.print(isAsh ? `${String(number).padStart(2)}) ${name}\n` : `${name}\n`);
  }
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
      yield* complainPlainly(shell, 'kill', {
        ash: `bad signal name '${name}'`,
        dash: `Illegal option -${name.slice(0, 1)}`,
        bash: `${name}: invalid signal specification`,
      });
      return shell.state.dialect === 'dash' ? 2 : 1;
    }
    signal = found;
  }
  if (args[0] === '--') args = args.slice(1);
  if (args.length === 0) {
    yield* complainPlainly(shell, 'kill', {
      ash: 'you need to specify whom to kill',
      dash: 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]',
      bash: 'usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]',
    });
    return shell.state.dialect === 'ash' ? 1 : 2;
  }
  let status = 0;
  for (const word of args) status = (yield* killOne(shell, word, signal)) || status;
  return status;
};

function* killOne(shell: Shell, word: string, signal: Signal | 0): Run<number> {
  const job = word.startsWith('%') ? jobOf(shell, word) : undefined;
  if (word.startsWith('%') && !job) {
    return yield* wrong(
      shell,
      { ash: `${word}: no such job`, dash: `No such job: ${word}`, bash: `${word}: no such job` },
      'kill',
      shell.state.dialect === 'bash' ? 1 : 2,
    );
  }
  if (!job && !/^-?\d+$/.test(word)) {
    yield* complainPlainly(shell, 'kill', {
      ash: `invalid number '${word}'`,
      dash: `Illegal number: ${word}`,
      bash: `${word}: arguments must be process or job IDs`,
    });
    return shell.state.dialect === 'dash' ? 2 : 1;
  }
  const pids = job ? (shell.has('m') ? [-job.group] : job.pids) : [Number(word)];
  try {
    for (const pid of pids) shell.process.kill(pid, signal);
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const { message } = error;
    yield* complainPlainly(shell, 'kill', {
      ash: `can't kill pid ${word}: ${message}`,
      dash: `${message}\n`,
      bash: `(${word}) - ${message}`,
    });
    return 1;
  }
}

/** `EXIT`, or a signal; 0 is EXIT too. */
function trapName(shell: Shell, word: string): string | undefined {
  const upper = word.toUpperCase();
  if (word === '0' || upper === 'EXIT') return 'EXIT';
  if (shell.state.dialect !== 'dash' && (upper === 'ERR' || upper === 'DEBUG' || upper === 'RETURN')) return upper;
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
      yield* shell.print(`trap -- ${singleQuoted(action)} ${shown}\n`);
    }
    return 0;
  }
  const isReset = args.length === 1 || args[0] === '-' || /^\d+$/.test(args[0]!);
  const action = isReset ? undefined : args[0]!;
  let status = 0;
  for (const word of args[0] === '-' || !isReset ? args.slice(1) : args) {
    const name = trapName(shell, word);
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
