/** Values by the kind that a command works on. */
import { type Database, kindOf, type Value, type ValueKind } from './database.ts';
import type { Reply } from './resp.ts';

/** What a command throws on a key of another kind. */
export class WrongType extends Error {}

export type Command = (database: Database, args: readonly string[], now: number) => Reply;

export type Of<K extends ValueKind> = {
  string: string;
  list: string[];
  set: Set<string>;
  hash: Map<string, string>;
  zset: { scores: Map<string, number> };
}[K];

export function typed<K extends ValueKind>(database: Database, key: string, kind: K): Of<K> | undefined {
  const value = database.get(key);
  if (value === undefined) return undefined;
  if (kindOf(value) !== kind) throw new WrongType();
  return value as Of<K>;
}

export function made<K extends Exclude<ValueKind, 'string'>>(database: Database, key: string, kind: K): Of<K> {
  const known = typed(database, key, kind);
  if (known !== undefined) return known;
  const fresh: Value =
    kind === 'list' ? [] : kind === 'set' ? new Set() : kind === 'hash' ? new Map() : { scores: new Map() };
  database.set(key, fresh);
  return fresh as Of<K>;
}
