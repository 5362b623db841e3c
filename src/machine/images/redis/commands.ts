/** The commands of Redis that work on keys. */
import { COLLECTIONS } from './collections.ts';
import { bytesOfWords, type Database, kindOf } from './database.ts';
import type { Reply } from './resp.ts';
import { type Command, typed, WrongType } from './typed.ts';

export const OK: Reply = { status: 'OK' };
export const error = (words: string): Reply => ({ error: words });

const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value');
const NOT_A_NUMBER = error('ERR value is not an integer or out of range');
const SYNTAX = error('ERR syntax error');

function add(database: Database, key: string, by: number): Reply {
  const text = typed(database, key, 'string') ?? '0';
  if (!/^-?\d+$/.test(text) || !Number.isInteger(by)) return NOT_A_NUMBER;
  const value = Number(text) + by;
  database.set(key, String(value), true);
  return value;
}

function set(database: Database, [key, value, ...options]: readonly string[], now: number): Reply {
  if (key === undefined || value === undefined) return SYNTAX;
  const words = options.map((word) => word.toUpperCase());
  const before = database.get(key);
  if (words.includes('NX') && before !== undefined) return null;
  if (words.includes('XX') && before === undefined) return null;
  database.set(key, value, words.includes('KEEPTTL'));
  for (const [word, unit] of [
    ['EX', 1000],
    ['PX', 1],
  ] as const) {
    const at = words.indexOf(word);
    if (at < 0) continue;
    const amount = Number(options[at + 1]);
    if (!(amount > 0)) return error("ERR invalid expire time in 'set' command");
    database.expire(key, now + amount * unit);
  }
  return words.includes('GET') ? (typeof before === 'string' ? before : null) : OK;
}

const expire =
  (unit: number): Command =>
  (database, [key, amount], now) => {
    if (database.get(key!) === undefined) return 0;
    if (!/^-?\d+$/.test(amount!)) return NOT_A_NUMBER;
    database.expire(key!, now + Number(amount) * unit);
    return 1;
  };

const left =
  (unit: number): Command =>
  (database, [key]) => {
    if (database.get(key!) === undefined) return -2;
    const ms = database.left(key!);
    return ms === undefined ? -1 : Math.round(ms / unit);
  };

/** Each with the least number of arguments. */
const COMMANDS: Readonly<Record<string, readonly [number, Command]>> = {
  SET: [2, set],
  SETNX: [2, (database, [key, value], now) => (set(database, [key!, value!, 'NX'], now) === null ? 0 : 1)],
  SETEX: [3, (database, [key, seconds, value], now) => set(database, [key!, value!, 'EX', seconds!], now)],
  GET: [1, (database, [key]) => typed(database, key!, 'string') ?? null],
  GETSET: [2, (database, [key, value], now) => set(database, [key!, value!, 'GET'], now)],
  MSET: [
    2,
    (database, args) => {
      for (let i = 0; i + 1 < args.length; i += 2) database.set(args[i]!, args[i + 1]!);
      return OK;
    },
  ],
  MGET: [
    1,
    (database, keys) =>
      keys.map((key) => {
        const value = database.get(key);
        return typeof value === 'string' ? value : null;
      }),
  ],
  APPEND: [
    2,
    (database, [key, value]) => {
      const text = (typed(database, key!, 'string') ?? '') + value;
      database.set(key!, text, true);
      return text.length;
    },
  ],
  STRLEN: [1, (database, [key]) => (typed(database, key!, 'string') ?? '').length],
  INCR: [1, (database, [key]) => add(database, key!, 1)],
  DECR: [1, (database, [key]) => add(database, key!, -1)],
  INCRBY: [2, (database, [key, by]) => add(database, key!, Number(by))],
  DECRBY: [2, (database, [key, by]) => add(database, key!, -Number(by))],
  DEL: [1, (database, keys) => keys.filter((key) => database.get(key) !== undefined && database.delete(key)).length],
  UNLINK: [1, (database, keys) => keys.filter((key) => database.delete(key)).length],
  EXISTS: [1, (database, keys) => keys.filter((key) => database.get(key) !== undefined).length],
  TYPE: [
    1,
    (database, [key]) => {
      const value = database.get(key!);
      return { status: value === undefined ? 'none' : kindOf(value) };
    },
  ],
  KEYS: [1, (database, [pattern]) => database.keys(pattern!)],
  SCAN: [
    1,
    (database, args) => [
      '0',
      database.keys(args[args.findIndex((word) => word.toUpperCase() === 'MATCH') + 1 || -1] ?? '*'),
    ],
  ],
  RENAME: [
    2,
    (database, [from, to]) => {
      const value = database.get(from!);
      if (value === undefined) return error('ERR no such key');
      database.delete(from!);
      database.set(to!, value);
      return OK;
    },
  ],
  EXPIRE: [2, expire(1000)],
  PEXPIRE: [2, expire(1)],
  TTL: [1, left(1000)],
  PTTL: [1, left(1)],
  PERSIST: [
    1,
    (database, [key]) => {
      if (database.get(key!) === undefined || database.left(key!) === undefined) return 0;
      database.expire(key!, undefined);
      return 1;
    },
  ],
  ...COLLECTIONS,
  DBSIZE: [0, (database) => database.size],
  FLUSHALL: [
    0,
    (database) => {
      database.clear();
      return OK;
    },
  ],
  FLUSHDB: [
    0,
    (database) => {
      database.clear();
      return OK;
    },
  ],
};

/** Commands that are refused where there is no room. */
const GROWING = new Set([
  'SET',
  'SETNX',
  'SETEX',
  'GETSET',
  'MSET',
  'APPEND',
  'INCR',
  'DECR',
  'INCRBY',
  'DECRBY',
  'LPUSH',
  'RPUSH',
  'SADD',
  'HSET',
  'ZADD',
]);

const WRITES = new Set([
  ...GROWING,
  'DEL',
  'UNLINK',
  'RENAME',
  'EXPIRE',
  'PEXPIRE',
  'PERSIST',
  'LPOP',
  'RPOP',
  'SREM',
  'HDEL',
  'FLUSHALL',
  'FLUSHDB',
]);

export const isWrite = (name: string): boolean => WRITES.has(name);

/** The reply to a command on keys; undefined: it is none of them. */
export function runCommand(database: Database, name: string, args: readonly string[], now: number): Reply | undefined {
  const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (known === undefined) return undefined;
  const [least, command] = known;
  if (args.length < least) return error(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
  if (GROWING.has(name) && !database.hasRoom(bytesOfWords(args)))
    return error("OOM command not allowed when used memory > 'maxmemory'.");
  try {
    return command(database, args, now);
  } catch (thrown) {
    if (thrown instanceof WrongType) return WRONG_TYPE;
    throw thrown;
  }
}
