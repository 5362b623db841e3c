/** The clients of mysql: mysql and mysqladmin. */
import { bytesOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Process, Program, Run } from '../../program.ts';
import { askDatabase } from './database-server.ts';
import type { Result } from './sql.ts';
import type { Cell } from './sql-text.ts';

export const PORT = 3306;

const show = (cell: Cell): string => (cell === null ? 'NULL' : String(cell));

function tableText({ columns = [], rows = [] }: Result): string {
  if (rows.length === 0) return '';
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => show(row[i]!).length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (cells: readonly string[], numbers: readonly boolean[]): string =>
    `| ${cells.map((cell, i) => (numbers[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' | ')} |\n`;
  return (
    rule +
    line(columns, []) +
    rule +
    rows
      .map((row) =>
        line(
          row.map(show),
          row.map((cell) => typeof cell === 'number'),
        ),
      )
      .join('') +
    rule
  );
}

/** The words of MySQL for a fault. */
function faultText(fault: string, database: string): string {
  const [, table] = /^relation "(.*)" does not exist$/.exec(fault) ?? [];
  if (table !== undefined) return `ERROR 1146 (42S02) at line 1: Table '${database}.${table}' doesn't exist`;
  const [, exists] = /^relation "(.*)" already exists$/.exec(fault) ?? [];
  if (exists !== undefined) return `ERROR 1050 (42S01) at line 1: Table '${exists}' already exists`;
  const [, missing] = /^database "(.*)" does not exist$/.exec(fault) ?? [];
  if (missing !== undefined)
    return missing === ''
      ? 'ERROR 1046 (3D000) at line 1: No database selected'
      : `ERROR 1049 (42000): Unknown database '${missing}'`;
  const [, taken] = /^database "(.*)" already exists$/.exec(fault) ?? [];
  if (taken !== undefined) return `ERROR 1007 (HY000) at line 1: Can't create database '${taken}'; database exists`;
  const [, column] = /^column "(.*)" does not exist$/.exec(fault) ?? [];
  if (column !== undefined) return `ERROR 1054 (42S22) at line 1: Unknown column '${column}' in 'field list'`;
  return `ERROR 1064 (42000) at line 1: You have an error in your SQL syntax (${fault})`;
}

interface Settings {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  statement: string | undefined;
  isBare: boolean;
}

function settingsOf(process: Process): { settings: Settings; rest: string[] } {
  const settings: Settings = {
    host: '127.0.0.1',
    port: PORT,
    user: process.user.uid === 0 ? 'root' : 'mysql',
    password: process.env.get('MYSQL_PWD') ?? '',
    database: '',
    statement: undefined,
    isBare: false,
  };
  const rest: string[] = [];
  const args = process.args.slice(1);
  for (let i = 0; i < args.length; i++) {
    const [, short, attached] = /^-([hPueDp])(.*)$/s.exec(args[i]!) ?? [];
    const [, long, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(args[i]!) ?? [];
    const name = { h: 'host', P: 'port', u: 'user', e: 'execute', D: 'database', p: 'password' }[short ?? ''] ?? long;
    if (name === undefined) {
      if (/^-[NsBtv]+$/.test(args[i]!)) settings.isBare ||= args[i]!.includes('N');
      else rest.push(args[i]!);
      continue;
    }
    // -p takes its value only where it is attached.
    const given = short === undefined ? value : attached !== '' || name === 'password' ? attached : args[++i];
    if (name === 'host') settings.host = given === 'localhost' ? '127.0.0.1' : (given ?? '');
    else if (name === 'port') settings.port = Number(given);
    else if (name === 'user') settings.user = given ?? '';
    else if (name === 'password') settings.password = given ?? '';
    else if (name === 'database') settings.database = given ?? '';
    else if (name === 'execute') settings.statement = given;
    else if (name === 'skip-column-names') settings.isBare = true;
  }
  return { settings, rest };
}

function* ask(process: Process, settings: Settings, sql: string): Run<number> {
  try {
    const answer = yield* askDatabase(process, settings.host, settings.port, { ...settings, sql });
    if ('refusal' in answer) {
      yield* process.write(2, `${answer.refusal}\n`);
      return 1;
    }
    for (const result of answer.results) {
      if (result.columns === undefined) continue;
      const rows = result.rows!.map((row) => `${row.map(show).join('\t')}\n`).join('');
      yield* process.write(
        1,
        bytesOf(
          process.isTerminal(1)
            ? tableText(result)
            : (settings.isBare || rows === '' ? '' : `${result.columns.join('\t')}\n`) + rows,
        ),
      );
    }
    if (answer.fault === undefined) return 0;
    yield* process.write(2, bytesOf(`${faultText(answer.fault, settings.database)}\n`));
    return 1;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const words =
      error.code === 'EHOSTUNREACH'
        ? `ERROR 2005 (HY000): Unknown MySQL server host '${settings.host}' (-2)`
        : `ERROR 2003 (HY000): Can't connect to MySQL server on '${settings.host}:${settings.port}' (111)`;
    yield* process.write(2, `${words}\n`);
    return 1;
  }
}

export const client: Program = function* (process) {
  const { settings, rest } = settingsOf(process);
  if (rest[0] !== undefined) settings.database = rest[0];
  if (process.args.some((arg) => /^-p.|^--password=./.test(arg)))
    yield* process.write(2, 'mysql: [Warning] Using a password on the command line interface can be insecure.\n');
  if (settings.statement !== undefined) return yield* ask(process, settings, settings.statement);
  if (!process.isTerminal(0)) return yield* ask(process, settings, yield* process.readAll(0));
  yield* process.write(1, 'Welcome to the MySQL monitor.  Commands end with ; or \\g.\n\n');
  let held = '';
  for (;;) {
    yield* process.write(1, held === '' ? 'mysql> ' : '    -> ');
    const line = yield* process.readLine(0);
    if (line === '' || /^(exit|quit|\\q)\b/.test(line)) {
      yield* process.write(1, 'Bye\n');
      return 0;
    }
    held += line;
    const [, used] = /^\s*use\s+(\w+)\s*;?\s*$/i.exec(held) ?? [];
    if (used !== undefined) settings.database = used;
    if (!/;\s*$/.test(held) && used === undefined) continue;
    yield* ask(process, settings, held);
    held = '';
  }
};

export const admin: Program = function* (process) {
  const { settings, rest } = settingsOf(process);
  try {
    const answer = yield* askDatabase(process, settings.host, settings.port, { ...settings, sql: '' });
    if ('refusal' in answer && !rest.includes('ping')) {
      yield* process.write(
        2,
        `mysqladmin: connect to server at '${settings.host}' failed\nerror: '${answer.refusal}'\n`,
      );
      return 1;
    }
    yield* process.write(1, rest.includes('ping') ? 'mysqld is alive\n' : 'Uptime: 1  Threads: 2  Questions: 1\n');
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* process.write(
      2,
      `mysqladmin: connect to server at '${settings.host}' failed\nerror: 'Can't connect to MySQL server on '${settings.host}:${settings.port}' (111)'\n`,
    );
    return 1;
  }
};
