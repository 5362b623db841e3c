/** env, nohup, timeout, time, watch, nice, setsid, su: they run another command. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import { signalNamed } from '../kernel/signals.ts';
import type { Process, Run } from '../program.ts';
import { accountsOf } from './accounts.ts';
import { type Applet, attempt, complain, Failure, UsageError } from './applet.ts';
import { formatDate } from './date-format.ts';
import { parseOptions } from './options.ts';
import { become, plainStart, runAndWait, shellArgs, statusOf } from './running.ts';

export const env: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: '+iu:0C:',
    long: { 'ignore-environment': 'i', 'unset=': 'u', null: '0', 'chdir=': 'C' },
  });
  const operands = [...options.operands];
  const isEmpty = options.has('i') || operands[0] === '-';
  if (operands[0] === '-') operands.shift();
  const variables = new Map(isEmpty ? [] : process.env);
  for (const name of options.values('u')) variables.delete(name);
  while (/^[^=]+=/.test(operands[0] ?? '')) {
    const assignment = operands.shift()!;
    const equals = assignment.indexOf('=');
    variables.set(assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  if (operands.length > 0) {
    const words = dialect === 'gnu' ? (name: string, why: string) => `'${name}': ${why}` : undefined;
    return yield* become(process, operands, variables, words);
  }
  const end = options.has('0') ? '\0' : '\n';
  yield* process.write(1, [...variables].map(([name, value]) => `${name}=${value}${end}`).join(''));
  return 0;
};

export const printenv: Applet = function* (process) {
  const { operands } = parseOptions(process.args, { short: '+' });
  if (operands.length === 0) {
    yield* process.write(1, [...process.env].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  }
  let status = 0;
  for (const name of operands) {
    const value = process.env.get(name);
    if (value === undefined) status = 1;
    else yield* process.write(1, `${value}\n`);
  }
  return status;
};

export const nohup: Applet = function* (process, dialect) {
  const { operands } = parseOptions(process.args, { short: '+' });
  if (operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '', 125);
  process.handle('HUP', 'ignore');
  if (process.isTerminal(1)) {
    const output = process.open('nohup.out', 'a');
    process.duplicate(output, 1);
    yield* complain(
      process,
      dialect === 'gnu' ? "ignoring input and appending output to 'nohup.out'" : 'appending output to nohup.out',
    );
  }
  return yield* become(process, operands);
};

/** A time such as `1.5`, `10s`, `2m`, milliseconds. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text) ?? [];
  if (count === undefined) return text === 'inf' || text === 'infinity' ? Number.POSITIVE_INFINITY : undefined;
  return Number(count) * ({ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit!] ?? 1000);
}

export const timeout: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: '+s:k:t:v',
    long: { 'signal=': 's', 'kill-after=': 'k', 'preserve-status': 'preserve', foreground: 'foreground' },
  });
  const operands = [...options.operands];
  const limit = operands.shift();
  if (limit === undefined || operands.length === 0)
    throw new UsageError(dialect === 'gnu' ? 'missing operand' : '', dialect === 'gnu' ? 125 : 1);
  const duration = parseDuration(limit);
  if (duration === undefined)
    throw new Failure(
      dialect === 'gnu' ? `invalid time interval '${limit}'` : `invalid number '${limit}'`,
      dialect === 'gnu' ? 125 : 1,
    );
  const signal = signalNamed(options.value('s') ?? 'TERM');
  if (signal === undefined) throw new Failure(`bad signal name '${options.value('s')}'`);
  let child: number;
  try {
    child = process.spawn(operands);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* complain(
      process,
      dialect === 'gnu'
        ? `failed to run command '${operands[0]}': ${error.message}`
        : `can't execute '${operands[0]}': ${error.message}`,
    );
    return statusOf(error);
  }
  let isLate = false;
  const watcher = process.fork(function* (watching) {
    if (Number.isFinite(duration) && duration > 0) yield* watching.sleep(duration);
    else for (;;) yield* watching.sleep(86_400_000);
    watching.kill(process.pid, 'USR1');
    if (options.has('k')) yield* watching.sleep(parseDuration(options.value('k')!) ?? 0);
    else return 0;
    watching.kill(child, 'KILL');
    return 0;
  });
  process.handle('USR1', () => {
    isLate = true;
    attempt(
      () => process.kill(child, signal),
      () => undefined,
    );
  });
  const ended = yield* waitThrough(process, child);
  attempt(
    () => process.kill(watcher, 'KILL'),
    () => undefined,
  );
  if (!isLate || options.has('preserve')) return ended;
  // GNU's has a code of its own for what took too long; BusyBox passes the signal's on.
  return dialect === 'busybox' ? ended : signal === 'KILL' ? 137 : 124;
};

/** Waits for a child, whatever interrupts that. */
function* waitThrough(process: Process, pid: number): Run<number> {
  for (;;) {
    try {
      return (yield* process.wait(pid))?.status ?? 0;
    } catch (error) {
      if (!(error instanceof Errno) || error.code !== 'EINTR') throw error;
    }
  }
}

export const time: Applet = function* (process) {
  const options = parseOptions(process.args, { short: '+pvo:f:a' });
  if (options.operands.length === 0) throw new UsageError('');
  const start = process.now();
  const status = yield* runAndWait(process, options.operands);
  const seconds = (process.now() - start) / 1000;
  const clock = (value: number): string => `${Math.floor(value / 60)}m ${(value % 60).toFixed(2)}s`;
  const text = options.has('p')
    ? `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`
    : `real\t${clock(seconds)}\nuser\t0m 0.00s\nsys\t0m 0.00s\n`;
  yield* process.write(2, text);
  return status;
};

export const watch: Applet = function* (process) {
  const options = parseOptions(process.args, {
    short: '+n:dtegc',
    long: { 'interval=': 'n', 'no-title': 't', differences: 'd' },
  });
  if (options.operands.length === 0) throw new UsageError('');
  const interval = Number(options.value('n') ?? 2) * 1000;
  const command = options.operands.join(' ');
  process.endless(true);
  for (;;) {
    yield* process.write(1, '\x1b[H\x1b[J');
    if (!options.has('t')) {
      const left = `Every ${(interval / 1000).toFixed(1)}s: ${command}`;
      yield* process.write(
        1,
        bytesOf(`${left.padEnd(40)}${formatDate(process.now(), '%Y-%m-%d %H:%M:%S').padStart(39)}\n\n`),
      );
    }
    yield* runAndWait(process, shellArgs(command));
    yield* process.sleep(interval);
  }
};

/** Runs a command as it is: nice, ionice, setsid, stdbuf, chrt. */
export const asItIs = (short: string): Applet =>
  function* (process) {
    const { operands } = parseOptions(process.args, { short: `+${short}` });
    if (operands.length === 0) {
      yield* process.write(1, '0\n');
      return 0;
    }
    return yield* become(process, operands, undefined, plainStart);
  };

export const su: Applet = function* (process) {
  const options = parseOptions(process.args, {
    short: 'c:ls:mp',
    long: { 'command=': 'c', login: 'l', 'shell=': 's' },
  });
  const operands = options.operands.filter((operand) => operand !== '-');
  const name = operands[0] ?? 'root';
  const account = accountsOf(process).find((one) => one.name === name);
  if (account === undefined) throw new Failure(`unknown user ${name}`);
  if (process.user.uid !== 0 && process.user.uid !== account.uid) throw new Failure('must be suid to work properly');
  const variables = new Map(process.env);
  variables.set('HOME', account.home);
  variables.set('USER', account.name);
  variables.set('SHELL', account.shell);
  const command = options.value('c');
  return yield* become(process, command === undefined ? ['sh'] : shellArgs(command), variables);
};
