/** The clients of postgres: psql and pg_isready. */
import { bytesOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Process, Program, Run } from '../../program.ts';
import { parseOptions } from '../../programs/options.ts';
import { askDatabase } from './database-server.ts';
import type { Result } from './sql.ts';
import type { Cell } from './sql-text.ts';

export const PORT = 5432;

const show = (cell: Cell): string => (cell === null ? '' : String(cell));

/** A table as psql aligns it. */
function psqlTable({ columns = [], rows = [] }: Result): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => show(row[i]!).length)));
  const centred = (text: string, width: number): string =>
    text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
  const head = ` ${columns.map((column, i) => centred(column, widths[i]!)).join(' | ')} `;
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  const lines = rows.map(
    (row) =>
      ` ${row.map((cell, i) => (typeof cell === 'number' ? show(cell).padStart(widths[i]!) : i === row.length - 1 ? show(cell) : show(cell).padEnd(widths[i]!))).join(' | ')}`,
  );
  return `${head}\n${rule}\n${lines.map((line) => `${line}\n`).join('')}(${rows.length} row${rows.length === 1 ? '' : 's'})\n\n`;
}

interface Target {
  host: string;
  port: number;
  user: string;
  database: string;
  password: string;
}

function* query(
  process: Process,
  target: Target,
  sql: string,
  style: { isTuplesOnly: boolean; isUnaligned: boolean; isQuiet: boolean },
): Run<number> {
  const answer = yield* askDatabase(process, target.host, target.port, { ...target, sql });
  if ('refusal' in answer) {
    yield* process.write(
      2,
      bytesOf(
        `psql: error: connection to server at "${target.host}", port ${target.port} failed: FATAL:  ${answer.refusal}\n`,
      ),
    );
    return 2;
  }
  for (const result of answer.results) {
    if (result.columns === undefined) yield* process.write(1, style.isQuiet ? '' : `${result.tag}\n`);
    else if (style.isTuplesOnly || style.isUnaligned) {
      const rows = result
        .rows!.map((row) => `${style.isUnaligned ? '' : ' '}${row.map(show).join(style.isUnaligned ? '|' : ' | ')}\n`)
        .join('');
      yield* process.write(
        1,
        bytesOf(
          style.isTuplesOnly
            ? `${rows}${style.isUnaligned ? '' : '\n'}`
            : `${result.columns.join('|')}\n${rows}(${result.rows!.length} rows)\n`,
        ),
      );
    } else yield* process.write(1, bytesOf(psqlTable(result)));
  }
  if (answer.fault === undefined) return 0;
  yield* process.write(2, bytesOf(`ERROR:  ${answer.fault}\n`));
  return 1;
}

/** The few commands with a backslash, as SQL. */
const META: Readonly<Record<string, string>> = {
  '\\l': 'SHOW DATABASES',
  '\\dt': 'SHOW TABLES',
  '\\d': 'SHOW TABLES',
  '\\conninfo': 'SELECT current_database()',
};

export const psql: Program = function* (process) {
  const options = parseOptions(process.args, {
    short: 'h:p:U:d:c:f:tAqwWv:X',
    long: {
      'host=': 'h',
      'port=': 'p',
      'username=': 'U',
      'dbname=': 'd',
      'command=': 'c',
      'tuples-only': 't',
      'no-align': 'A',
      version: 'V',
      'no-psqlrc': 'X',
      'file=': 'f',
    },
  });
  const [, user, password, host, port, database] =
    /^postgres(?:ql)?:\/\/(?:([^:@]*)(?::([^@]*))?@)?([^:/]*)(?::(\d+))?(?:\/(\w+))?/.exec(options.operands[0] ?? '') ??
    [];
  const name =
    options.value('U') ?? user ?? process.env.get('PGUSER') ?? (process.user.uid === 0 ? 'root' : 'postgres');
  const target: Target = {
    host: options.value('h') ?? host ?? process.env.get('PGHOST') ?? '127.0.0.1',
    port: Number(options.value('p') ?? port ?? process.env.get('PGPORT') ?? PORT),
    user: name,
    database:
      options.value('d') ??
      database ??
      (host === undefined ? options.operands[0] : undefined) ??
      process.env.get('PGDATABASE') ??
      name,
    password: password ?? process.env.get('PGPASSWORD') ?? '',
  };
  const style = { isTuplesOnly: options.has('t'), isUnaligned: options.has('A'), isQuiet: options.has('q') };
  const run = function* (text: string): Run<number> {
    const [, moved] = /^\\c(?:onnect)?\s+(\w+)/.exec(text) ?? [];
    if (moved !== undefined) {
      target.database = moved;
      yield* process.write(1, `You are now connected to database "${moved}" as user "${target.user}".\n`);
      return 0;
    }
    try {
      return yield* query(process, target, META[text.trim()] ?? text, style);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const words =
        error.code === 'EHOSTUNREACH'
          ? `could not translate host name "${target.host}" to address: Name or service not known`
          : `connection to server at "${target.host}", port ${target.port} failed: ${error.message}\n\tIs the server running on that host and accepting TCP/IP connections?`;
      yield* process.write(2, `psql: error: ${words}\n`);
      return 2;
    }
  };
  const given = options.values('c');
  if (given.length > 0) {
    for (const text of given) {
      const status = yield* run(text);
      if (status !== 0) return status;
    }
    return 0;
  }
  const file = options.value('f');
  if (file !== undefined) return yield* run(process.files.read(file));
  return yield* converse(process, () => target.database, run);
};

function* converse(process: Process, database: () => string, run: (text: string) => Run<number>): Run<number> {
  const isTerminal = process.isTerminal(0);
  let held = '';
  if (isTerminal) yield* process.write(1, 'psql\nType "help" for help.\n\n');
  for (;;) {
    if (isTerminal) yield* process.write(1, `${database()}${held === '' ? '=' : '-'}# `);
    const line = yield* process.readLine(0);
    if (line === '' || /^(\\q|exit|quit)\s*;?\s*$/.test(line)) return 0;
    held += line;
    if (!/;\s*$/.test(held) && !held.startsWith('\\') && line !== '') continue;
    const text = held;
    held = '';
    if (text.trim() === '') continue;
    const status = yield* run(text.trim());
    if (status === 2) return 2;
  }
}

export const isReady: Program = function* (process) {
  const options = parseOptions(process.args, {
    short: 'h:p:U:d:t:q',
    long: { 'host=': 'h', 'port=': 'p', 'username=': 'U', 'dbname=': 'd', 'timeout=': 't', quiet: 'q' },
  });
  const host = options.value('h');
  const port = Number(options.value('p') ?? PORT);
  const shown = host ?? '/var/run/postgresql';
  const say = (words: string): Run => process.write(1, options.has('q') ? '' : `${shown}:${port} - ${words}\n`);
  try {
    yield* askDatabase(process, host ?? '127.0.0.1', port, { user: '', password: '', database: '', sql: '' });
    yield* say('accepting connections');
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* say('no response');
    return 2;
  }
};
