/** Who sends signals: kill, killall, pkill, pgrep, pidof. */
import { Errno } from '../errno.ts';
import { SIGNAL_NUMBERS, signalNamed } from '../kernel/signals.ts';
import type { Process, ProcessFacts, Run, Signal } from '../program.ts';
import { type Applet, complain, Failure, nameOf, UsageError } from './applet.ts';
import { baseName } from './paths.ts';
import { compileRegex } from './regex.ts';

interface Sending {
  signal: Signal | 0;
  rest: string[];
}

/** The signal that is named in front, as `-9`, `-TERM` or `-s TERM`. */
function sending(args: readonly string[]): Sending {
  const [first, second, ...rest] = args;
  if (first === '-s' && second !== undefined) return { signal: named(second), rest };
  if (first === '--') return { signal: 'TERM', rest: args.slice(1) };
  if (first === undefined || !/^-\w/.test(first)) return { signal: 'TERM', rest: [...args] };
  return {
    signal: named(first.slice(first.startsWith('-s') && first.length > 2 ? 2 : 1)),
    rest: args.slice(1).filter((arg, i) => i > 0 || arg !== '--'),
  };
}

function named(text: string): Signal | 0 {
  if (text === '0') return 0;
  const signal = signalNamed(text);
  if (signal === undefined) throw new Failure(`bad signal name '${text}'`);
  return signal;
}

function* listSignals(process: Process, operands: readonly string[]): Run<number> {
  if (operands.length === 0) {
    const lines = Object.entries(SIGNAL_NUMBERS).map(([name, number]) => `${String(number).padStart(2)}) ${name}\n`);
    yield* process.write(1, lines.join(''));
    return 0;
  }
  for (const operand of operands) {
    const number = Number(operand);
    const signal = signalNamed(/^\d+$/.test(operand) && number > 128 ? String(number - 128) : operand);
    if (signal === undefined) throw new Failure(`unknown signal '${operand}'`);
    yield* process.write(1, /^\d+$/.test(operand) ? `${signal}\n` : `${SIGNAL_NUMBERS[signal]}\n`);
  }
  return 0;
}

export const kill: Applet = function* (process, dialect) {
  const args = process.args.slice(1);
  if (args[0] === '-l' || args[0] === '-L') return yield* listSignals(process, args.slice(1));
  const { signal, rest } = sending(args);
  if (rest.length === 0)
    throw new Failure(
      dialect === 'gnu' ? 'usage: kill [-s sigspec | -n signum | -sigspec] pid' : 'you need to specify whom to kill',
    );
  let status = 0;
  for (const text of rest) {
    if (!/^-?\d+$/.test(text)) {
      yield* complain(process, `invalid number '${text}'`);
      status = 1;
      continue;
    }
    if (!(yield* send(process, Number(text), signal, dialect === 'gnu' ? `(${text}) - ` : `can't kill pid ${text}: `)))
      status = 1;
  }
  return status;
};

function* send(process: Process, pid: number, signal: Signal | 0, prefix: string): Run<boolean> {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* complain(process, prefix + error.message);
    return false;
  }
}

const nameOfProcess = ({ args }: ProcessFacts): string => baseName(args[0] ?? '').replace(/^-/, '');

export const killall: Applet = function* (process) {
  const args = process.args.slice(1).filter((arg) => arg !== '-q');
  const isQuiet = args.length < process.args.length - 1;
  if (args[0] === '-l') return yield* listSignals(process, args.slice(1));
  const { signal, rest } = sending(args);
  if (rest.length === 0) throw new Failure('you need to specify whom to kill');
  let status = 0;
  for (const name of rest) {
    const found = process.processes().filter((one) => one.pid !== process.pid && nameOfProcess(one) === baseName(name));
    for (const { pid } of found) if (!(yield* send(process, pid, signal, `can't kill pid ${pid}: `))) status = 1;
    if (found.length > 0) continue;
    status = 1;
    if (!isQuiet) yield* complain(process, `${name}: no process killed`);
  }
  return status;
};

/** pgrep and pkill. */
export const pgrep: Applet = function* (process) {
  const isKill = nameOf(process) === 'pkill';
  const flags = new Set<string>();
  const values = new Map<string, string>();
  let signal: Signal | 0 = 'TERM';
  let pattern: string | undefined;
  const args = process.args.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (/^-[PsuUtgd]$/.test(arg) || arg === '--signal') values.set(arg, args[++i] ?? '');
    else if (isKill && /^-(\d+|[A-Z]{2,}\w*)$/.test(arg)) signal = named(arg.slice(1));
    else if (/^-[a-z]+$/.test(arg)) for (const letter of arg.slice(1)) flags.add(letter);
    else if (pattern === undefined) pattern = arg;
  }
  if (pattern === undefined && values.size === 0) throw new UsageError('', 2);
  if (values.has('--signal')) signal = named(values.get('--signal')!);
  const regex = compileRegex(flags.has('x') ? `^(${pattern ?? '.*'})$` : (pattern ?? ''), {
    isExtended: true,
    ignoresCase: flags.has('i'),
  });
  let found = process.processes().filter((one) => {
    if (one.pid === process.pid || one.state === 'Z') return false;
    if (values.has('-P') && Number(values.get('-P')) !== one.parent) return false;
    return regex.test(flags.has('f') ? one.args.join(' ') : nameOfProcess(one)) !== flags.has('v');
  });
  if (flags.has('o')) found = found.slice(0, 1);
  if (flags.has('n')) found = found.slice(-1);
  for (const one of found) {
    if (isKill) yield* send(process, one.pid, signal, `can't kill pid ${one.pid}: `);
    else
      yield* process.write(
        1,
        flags.has('l') || flags.has('a')
          ? `${one.pid} ${flags.has('a') ? one.args.join(' ') : nameOfProcess(one)}\n`
          : `${one.pid}\n`,
      );
  }
  return found.length > 0 ? 0 : 1;
};

export const pidof: Applet = function* (process) {
  const isSingle = process.args.includes('-s');
  const names = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  const found = names.flatMap((name) =>
    process
      .processes()
      .filter((one) => one.pid !== process.pid && nameOfProcess(one) === baseName(name))
      .map(({ pid }) => pid)
      .reverse(),
  );
  if (found.length > 0) yield* process.write(1, `${(isSingle ? found.slice(0, 1) : found).join(' ')}\n`);
  return found.length > 0 ? 0 : 1;
};
