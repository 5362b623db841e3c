/** SQL as text: statements, clauses, names and literals. */

export type Cell = string | number | null;

export class SqlFault extends Error {}

/** Characters of all statements of one question. */
export const MAX_STATEMENT = 100_000;

/** Statements between semicolons that are not within quotes. */
export const statementsOf = (source: string): string[] =>
  (source.slice(0, MAX_STATEMENT).match(/(?:'(?:''|[^'])*'|"[^"]*"|`[^`]*`|--[^\n]*|[^;])+/g) ?? [])
    .map((text) => text.replace(/--[^\n]*/g, '').trim())
    .filter((text) => text !== '');

export const NAME = '[`"]?([\\w.$-]+)[`"]?';
export const plain = (name: string): string =>
  name
    .replace(/[`"]/g, '')
    .replace(/^(?:public|\w+)\./, '')
    .toLowerCase();

export function literal(text: string, now: number): Cell {
  const value = text.trim();
  const [, quoted] = /^'((?:''|[^'])*)'(?:::\w+)?$/s.exec(value) ?? [];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  if (/^".*"$/s.test(value)) return value.slice(1, -1);
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (/^null$/i.test(value)) return null;
  if (/^true$/i.test(value)) return 't';
  if (/^false$/i.test(value)) return 'f';
  if (/^(now\(\)|current_timestamp(\(\))?)$/i.test(value))
    return new Date(now)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, '');
  throw new SqlFault(`column "${value}" does not exist`);
}

/** Parts between commas outside quotes and brackets. */
export function split(source: string): string[] {
  return (source.match(/(?:'(?:''|[^'])*'|\([^()]*(?:\([^()]*\)[^()]*)*\)|[^,'(])+/g) ?? []).map((part) => part.trim());
}
/** What stands behind each of the words that divide a statement. */
export type Clauses = Partial<
  Record<'select' | 'from' | 'where' | 'order' | 'limit' | 'set' | 'update' | 'delete', string>
>;

const WORDS =
  /'(?:''|[^'])*'|"[^"]*"|\b(select|from|where|order\s+by|limit|set|update|delete)\b|[^'"\s\w]|\w+|\s+|['"]/gi;

/** The clauses of a statement that begins with select, update or delete; nothing of any other. */
export function clausesOf(statement: string): Clauses {
  const clauses: Clauses = {};
  if (!/^(select|update|delete)\b/i.test(statement)) return clauses;
  let current: keyof Clauses | undefined;
  for (const [text, word] of statement.matchAll(WORDS)) {
    if (word !== undefined) {
      current = word.toLowerCase().replace(/\s.*/s, '') as keyof Clauses;
      clauses[current] = '';
    } else if (current !== undefined) clauses[current] += text;
  }
  for (const [name, text] of Object.entries(clauses)) clauses[name as keyof Clauses] = text.trim();
  return clauses;
}
