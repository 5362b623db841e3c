/** ps, top and pstree. */
import { bytesOf } from '../bytes.ts';
import type { Process, ProcessFacts } from '../program.ts';
import { namesOf } from './accounts.ts';
import { type Applet, type Dialect, readOr } from './applet.ts';
import { formatDate } from './date-format.ts';
import { parseOptions } from './options.ts';
import { baseName } from './paths.ts';
import { memoryInfo } from './system-files.ts';

const commandOf = ({ args, state }: ProcessFacts): string =>
  state === 'Z' ? `[${baseName(args[0] ?? '')}]` : args.join(' ');

/** Bytes of memory in kilobytes, of one process; as /proc tells it. */
const memoryOf = (process: Process, pid: number): number =>
  Number(/^VmRSS:\s*(\d+)/m.exec(readOr(process, `/proc/${pid}/status`))?.[1] ?? 1024);

const elapsed = (seconds: number): string =>
  `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

interface Column {
  title: string;
  width: number;
  isRight?: boolean;
  text(one: ProcessFacts, process: Process): string;
}

const COLUMNS: Readonly<Record<string, Column>> = {
  pid: { title: 'PID', width: 5, isRight: true, text: ({ pid }) => String(pid) },
  ppid: { title: 'PPID', width: 5, isRight: true, text: ({ parent }) => String(parent) },
  user: { title: 'USER', width: 8, text: ({ uid }, process) => namesOf(process).user(uid) },
  uid: { title: 'UID', width: 5, isRight: true, text: ({ uid }) => String(uid) },
  comm: { title: 'COMMAND', width: 16, text: ({ args }) => baseName(args[0] ?? '') },
  args: { title: 'COMMAND', width: 27, text: commandOf },
  time: { title: 'TIME', width: 6, text: () => '0:00' },
  etime: { title: 'ELAPSED', width: 7, text: ({ startedAt }, process) => elapsed((process.now() - startedAt) / 1000) },
  stat: { title: 'STAT', width: 4, text: ({ state }) => state },
  tty: { title: 'TT', width: 6, text: ({ tty }) => tty ?? '?' },
  vsz: { title: 'VSZ', width: 6, text: ({ pid }, process) => String(memoryOf(process, pid) + 3400) },
  rss: { title: 'RSS', width: 4, text: ({ pid }, process) => String(memoryOf(process, pid)) },
};

const SAME: Readonly<Record<string, string>> = {
  cmd: 'args',
  command: 'args',
  state: 'stat',
  s: 'stat',
  tt: 'tty',
  ruser: 'user',
  euser: 'user',
  ucmd: 'comm',
  pcpu: 'time',
};

function table(process: Process, rows: readonly ProcessFacts[], specs: readonly string[]): string {
  const columns = specs.flatMap((spec): (Column & { shown: string })[] => {
    const [name, title] = spec.split('=');
    const column = COLUMNS[SAME[name!] ?? name!];
    return column === undefined ? [] : [{ ...column, shown: title ?? column.title }];
  });
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) =>
        i === cells.length - 1
          ? cell
          : columns[i]!.isRight
            ? cell.padStart(columns[i]!.width)
            : cell.padEnd(columns[i]!.width),
      )
      .join(' ');
  const head = columns.some(({ shown }) => shown !== '') ? [line(columns.map(({ shown }) => shown))] : [];
  return [...head, ...rows.map((row) => line(columns.map((column) => column.text(row, process))))]
    .map((text) => `${text}\n`)
    .join('');
}

function busybox(process: Process, rows: readonly ProcessFacts[]): string {
  const names = namesOf(process);
  const lines = rows.map(
    (one) => `${String(one.pid).padStart(5)} ${names.user(one.uid).padEnd(8)}  0:00 ${commandOf(one)}\n`,
  );
  return `PID   USER     TIME  COMMAND\n${lines.join('')}`;
}

/** `ps aux`, `ps -ef` and `ps` of procps. */
function procps(process: Process, args: readonly string[]): string {
  const letters = args.join('');
  const names = namesOf(process);
  const all = process.processes();
  const start = ({ startedAt }: ProcessFacts): string => formatDate(startedAt, '%H:%M');
  if (/u/.test(letters) && /a|x/.test(letters)) {
    const rows = all.map((one) => {
      const memory = memoryOf(process, one.pid);
      return `${names.user(one.uid).padEnd(8)} ${String(one.pid).padStart(7)}  0.0  0.0 ${String(memory + 3400).padStart(6)} ${String(memory).padStart(5)} ${(one.tty ?? '?').padEnd(8)} ${`${one.state}s`.padEnd(4)} ${start(one)}   0:00 ${commandOf(one)}\n`;
    });
    return `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n${rows.join('')}`;
  }
  if (/f/.test(letters)) {
    const rows = all.map(
      (one) =>
        `${names.user(one.uid).padEnd(8)} ${String(one.pid).padStart(7)} ${String(one.parent).padStart(7)}  0 ${start(one)} ${(one.tty ?? '?').padEnd(8)} 00:00:00 ${commandOf(one)}\n`,
    );
    return `UID          PID    PPID  C STIME TTY          TIME CMD\n${rows.join('')}`;
  }
  const own = all.find(({ pid }) => pid === process.pid);
  const shown = /[eAx]/.test(letters) ? all : all.filter(({ tty, uid }) => tty === own?.tty && uid === own?.uid);
  const rows = shown.map(
    (one) => `${String(one.pid).padStart(7)} ${(one.tty ?? '?').padEnd(8)} 00:00:00 ${baseName(one.args[0] ?? '')}\n`,
  );
  return `    PID TTY          TIME CMD\n${rows.join('')}`;
}

export const ps: Applet = function* (process, dialect: Dialect) {
  const args = process.args.slice(1);
  const at = args.findIndex((arg) => arg.startsWith('-o') || arg === '--format');
  const spec =
    at < 0 ? undefined : args[at]!.startsWith('-o') && args[at]!.length > 2 ? args[at]!.slice(2) : args[at + 1];
  const rows = process.processes();
  let text: string;
  if (spec !== undefined) text = table(process, rows, spec.split(/[ ,]+/));
  else text = dialect === 'gnu' ? procps(process, args) : busybox(process, rows);
  yield* process.write(1, bytesOf(text));
  return 0;
};

/** How often top draws, milliseconds. */
const INTERVAL = 5000;

export const top: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'bn:d:Hm' });
  const times = options.has('n') ? Number(options.value('n')) : Number.POSITIVE_INFINITY;
  const interval = Number(options.value('d') ?? INTERVAL / 1000) * 1000;
  const memory = memoryInfo(process);
  const kilobytes = (name: string): number => memory.get(name) ?? 0;
  const names = namesOf(process);
  if (times === Number.POSITIVE_INFINITY) process.endless(true);
  for (let i = 0; i < times; i++) {
    if (i > 0) yield* process.sleep(interval);
    const rows = process.processes();
    const used = kilobytes('MemTotal') - kilobytes('MemFree');
    const head = [
      `Mem: ${used}K used, ${kilobytes('MemFree')}K free, ${kilobytes('Shmem')}K shrd, ${kilobytes('Buffers')}K buff, ${kilobytes('Cached')}K cached`,
      'CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq',
      `Load average: ${readOr(process, '/proc/loadavg', '0.00 0.00 0.00 1/1 1').trim()}`,
      '  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND',
    ];
    const lines = rows.map((one) => {
      const size = memoryOf(process, one.pid) + 3400;
      return `${String(one.pid).padStart(5)} ${String(one.parent).padStart(5)} ${names.user(one.uid).padEnd(8)} ${one.state}    ${String(size).padStart(6)}   0%   0   0% ${commandOf(one)}`;
    });
    const screen = options.has('b') || !process.isTerminal(1) ? '' : '\x1b[H\x1b[J';
    yield* process.write(1, bytesOf(`${screen}${[...head, ...lines].join('\n')}\n`));
  }
  return 0;
};

export const pstree: Applet = function* (process) {
  const all = process.processes();
  let out = '';
  const walk = (one: ProcessFacts, depth: number): void => {
    out += `${'  '.repeat(depth)}${depth > 0 ? '`-' : ''}${baseName(one.args[0] ?? '')}\n`;
    for (const child of all) if (child.parent === one.pid) walk(child, depth + 1);
  };
  for (const one of all) if (!all.some(({ pid }) => pid === one.parent)) walk(one, 0);
  yield* process.write(1, out);
  return 0;
};
