/** A small part of SQL: tables are made and dropped, rows put in, changed, taken out and looked for. Enough to see that data stays. */

import { type Cell, type Clauses, clausesOf, literal, NAME, plain, SqlFault, split } from './sql-text.ts';

export interface Table {
  columns: string[];
  rows: Cell[][];
  /** The column that counts by itself, and its next number. */
  serial?: { column: string; next: number };
}

/** Databases by name, tables by name: it is JSON, so that it can be kept in a file. */
export type Databases = Record<string, Record<string, Table>>;

export interface Result {
  /** `SELECT 2`, `INSERT 0 1`, `CREATE TABLE`. */
  tag: string;
  columns?: string[];
  rows?: Cell[][];
  affected: number;
}

/** Rows of one table. */
export const MAX_ROWS = 10_000;

interface Context {
  databases: Databases;
  database: string;
  version: string;
  now: number;
}

function tableOf({ databases, database }: Context, name: string): Table {
  const table = databases[database]?.[plain(name)];
  if (table === undefined) throw new SqlFault(`relation "${plain(name)}" does not exist`);
  return table;
}

const orderOf = (left: Cell, right: Cell): number => {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left ?? '') < String(right ?? '') ? -1 : String(left ?? '') > String(right ?? '') ? 1 : 0;
};

/** Rows for which all conditions hold; `and` only. */
function matcher(table: Table, where: string | undefined, now: number): (row: Cell[]) => boolean {
  if (where === undefined) return () => true;
  const tests = where.split(/\s+and\s+/i).map((part) => {
    const [, name, operator, text] =
      /^\(?\s*["`]?(\w+)["`]?\s*(=|<>|!=|<=|>=|<|>|like|is)\s*(.+?)\s*\)?$/is.exec(part.trim()) ?? [];
    if (name === undefined) throw new SqlFault(`syntax error at or near "${part.trim().split(/\s/)[0]}"`);
    const at = columnAt(table, name);
    if (operator!.toLowerCase() === 'is') return (row: Cell[]) => (row[at] === null) === !/not/i.test(text!);
    const value = literal(text!, now);
    if (operator!.toLowerCase() === 'like') {
      const pattern = String(value).split('%');
      return (row: Cell[]) => likes(String(row[at] ?? ''), pattern);
    }
    return (row: Cell[]) => {
      const own = row[at] ?? null;
      if (own === null || value === null) return false;
      const order = orderOf(own, value);
      return {
        '=': order === 0,
        '<>': order !== 0,
        '!=': order !== 0,
        '<': order < 0,
        '>': order > 0,
        '<=': order <= 0,
        '>=': order >= 0,
      }[operator!]!;
    };
  });
  return (row) => tests.every((test) => test(row));
}

/** Whether a text has the parts in their order, the first at its start and the last at its end. */
function likes(text: string, parts: readonly string[]): boolean {
  if (parts.length === 1) return text === parts[0];
  if (!text.startsWith(parts[0]!) || !text.endsWith(parts.at(-1)!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - parts.at(-1)!.length;
}

function columnAt(table: Table, name: string): number {
  const at = table.columns.indexOf(plain(name));
  if (at < 0) throw new SqlFault(`column "${plain(name)}" does not exist`);
  return at;
}

function create(context: Context, [, ifNot, name, body]: RegExpExecArray): Result {
  const tables = context.databases[context.database]!;
  if (Object.hasOwn(tables, plain(name!))) {
    if (ifNot !== undefined) return { tag: 'CREATE TABLE', affected: 0 };
    throw new SqlFault(`relation "${plain(name!)}" already exists`);
  }
  const parts = split(body!).filter((part) => !/^(primary|foreign|unique|constraint|key|index|check)\b/i.test(part));
  const columns = parts.map((part) => plain(part.split(/\s+/)[0]!));
  const serial = parts.findIndex((part) => /\b(serial|bigserial|auto_increment|generated)\b/i.test(part));
  tables[plain(name!)] = {
    columns,
    rows: [],
    ...(serial < 0 ? {} : { serial: { column: columns[serial]!, next: 1 } }),
  };
  return { tag: 'CREATE TABLE', affected: 0 };
}

function insert(context: Context, [, name, columns, values]: RegExpExecArray): Result {
  const table = tableOf(context, name!);
  const order = columns === undefined ? table.columns : split(columns).map((column) => plain(column));
  const rows = [...values!.matchAll(/\(((?:'(?:''|[^'])*'|\([^()]*\)|[^()'])*)\)/g)].map(([, row]) =>
    split(row!).map((cell) => literal(cell, context.now)),
  );
  for (const given of rows) {
    if (given.length > order.length) throw new SqlFault('INSERT has more expressions than target columns');
    if (table.rows.length >= MAX_ROWS) throw new SqlFault('out of memory');
    const row: Cell[] = table.columns.map(() => null);
    for (const [i, cell] of given.entries()) row[columnAt(table, order[i]!)] = cell;
    if (table.serial !== undefined) {
      const at = columnAt(table, table.serial.column);
      row[at] ??= table.serial.next++;
    }
    table.rows.push(row);
  }
  return { tag: `INSERT 0 ${rows.length}`, affected: rows.length };
}

function select(context: Context, parts: Clauses): Result {
  const table = tableOf(context, parts.from!);
  const list = parts.select!;
  let rows = table.rows.filter(matcher(table, parts.where, context.now));
  if (/^count\s*\(/i.test(list)) return { tag: 'SELECT 1', columns: ['count'], rows: [[rows.length]], affected: 1 };
  const [orderBy, direction] = (parts.order ?? '').split(/\s+/);
  if (orderBy !== undefined && orderBy !== '') {
    const at = columnAt(table, orderBy);
    const sign = /desc/i.test(direction ?? '') ? -1 : 1;
    rows = rows.toSorted((left, right) => sign * orderOf(left[at] ?? null, right[at] ?? null));
  }
  if (parts.limit !== undefined) rows = rows.slice(0, Number(parts.limit));
  const columns = list === '*' ? table.columns : split(list).map((column) => plain(column));
  const places = columns.map((column) => columnAt(table, column));
  return {
    tag: `SELECT ${rows.length}`,
    columns,
    rows: rows.map((row) => places.map((at) => row[at] ?? null)),
    affected: rows.length,
  };
}

function constant(context: Context, list: string): Result {
  const value = (text: string): Cell => {
    if (/^@@?version$|^version\(\)$/i.test(text)) return context.version;
    if (/^(current_database|database)\(\)$/i.test(text)) return context.database;
    return /^[-+*/() \d.]+$/.test(text) ? sum(text) : literal(text, context.now);
  };
  const parts = split(list).map((part) => /^(.*?)(?:\s+as\s+(\w+))?$/is.exec(part)!);
  return {
    tag: 'SELECT 1',
    columns: parts.map(([, text, name]) => name ?? /^(\w+)\(/.exec(text!)?.[1] ?? '?column?'),
    rows: [parts.map(([, text]) => value(text!))],
    affected: 1,
  };
}

/** Whole numbers with plus, minus and times, from left to right with times first. */
const sum = (text: string): number =>
  text
    .replace(/\s/g, '')
    .split(/(?=[-+])/)
    .reduce((total, part) => total + part.split('*').reduce((product, factor) => product * Number(factor), 1), 0);

function change(context: Context, parts: Clauses): Result {
  const table = tableOf(context, parts.update!);
  const sets = split(parts.set!).map((part) => {
    const equals = part.indexOf('=');
    return [columnAt(table, part.slice(0, equals).trim()), literal(part.slice(equals + 1), context.now)] as const;
  });
  const rows = table.rows.filter(matcher(table, parts.where, context.now));
  for (const row of rows) for (const [at, cell] of sets) row[at] = cell;
  return { tag: `UPDATE ${rows.length}`, affected: rows.length };
}

function remove(context: Context, parts: Clauses): Result {
  const table = tableOf(context, parts.from!);
  const holds = matcher(table, parts.where, context.now);
  const before = table.rows.length;
  table.rows = table.rows.filter((row) => !holds(row));
  return { tag: `DELETE ${before - table.rows.length}`, affected: before - table.rows.length };
}

const PATTERNS: readonly [RegExp, (context: Context, found: RegExpExecArray) => Result][] = [
  [new RegExp(`^create\\s+table\\s+(if\\s+not\\s+exists\\s+)?${NAME}\\s*\\((.*)\\)[^)]*$`, 'is'), create],
  [new RegExp(`^insert\\s+into\\s+${NAME}\\s*(?:\\(([^()]*)\\))?\\s*values?\\s*(.*)$`, 'is'), insert],
  [
    new RegExp(`^drop\\s+table\\s+(if\\s+exists\\s+)?${NAME}$`, 'is'),
    (context, [, ifThere, name]) => {
      if (ifThere === undefined) tableOf(context, name!);
      delete context.databases[context.database]![plain(name!)];
      return { tag: 'DROP TABLE', affected: 0 };
    },
  ],
  [
    new RegExp(`^create\\s+(?:database|schema)\\s+(if\\s+not\\s+exists\\s+)?${NAME}.*$`, 'is'),
    ({ databases }, [, ifNot, name]) => {
      if (Object.hasOwn(databases, plain(name!)) && ifNot === undefined)
        throw new SqlFault(`database "${plain(name!)}" already exists`);
      databases[plain(name!)] ??= {};
      return { tag: 'CREATE DATABASE', affected: 1 };
    },
  ],
  [
    new RegExp(`^drop\\s+(?:database|schema)\\s+(if\\s+exists\\s+)?${NAME}$`, 'is'),
    ({ databases }, [, ifThere, name]) => {
      if (!Object.hasOwn(databases, plain(name!)) && ifThere === undefined)
        throw new SqlFault(`database "${plain(name!)}" does not exist`);
      delete databases[plain(name!)];
      return { tag: 'DROP DATABASE', affected: 0 };
    },
  ],
  [/^show\s+(?:databases|schemas)$/i, ({ databases }) => listOf('Database', Object.keys(databases).sort())],
  [
    /^show\s+tables$/i,
    ({ databases, database }) => listOf(`Tables_in_${database}`, Object.keys(databases[database] ?? {}).sort()),
  ],
  [
    /^(begin|commit|rollback|set\b.*|grant\b.*|create\s+(?:user|role)\b.*|alter\b.*|flush\b.*|start\s+transaction|analyze.*|vacuum.*)$/is,
    (_, [, what]) => ({ tag: what!.split(/\s+/)[0]!.toUpperCase(), affected: 0 }),
  ],
];

const listOf = (column: string, names: readonly string[]): Result => ({
  tag: `SELECT ${names.length}`,
  columns: [column],
  rows: names.map((name) => [name]),
  affected: names.length,
});

/** @throws SqlFault in the words of PostgreSQL */
export function runSql(context: Context, statement: string): Result {
  const parts = clausesOf(statement.trim());
  if (parts.select !== undefined)
    return parts.from === undefined ? constant(context, parts.select) : select(context, parts);
  if (parts.update !== undefined && parts.set !== undefined) return change(context, parts);
  if (parts.delete !== undefined && parts.from !== undefined) return remove(context, parts);
  for (const [pattern, run] of PATTERNS) {
    const found = pattern.exec(statement.trim());
    if (found !== null) return run(context, found);
  }
  throw new SqlFault(`syntax error at or near "${statement.trim().split(/\s+/)[0]}"`);
}
