/** The commands of Redis on lists, sets, hashes and sorted sets. */

import type { Reply } from './resp.ts';
import { type Command, made, type Of, typed } from './typed.ts';

function range<T>(items: readonly T[], from: string, to: string): T[] {
  const at = (text: string): number => (Number(text) < 0 ? Math.max(0, items.length + Number(text)) : Number(text));
  return items.slice(at(from), at(to) + 1);
}

const sortedMembers = ({ scores }: Of<'zset'>): [string, number][] =>
  [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));

const withScores = (members: readonly [string, number][], options: readonly string[]): Reply =>
  options.some((word) => word.toUpperCase() === 'WITHSCORES')
    ? members.flatMap(([member, score]) => [member, String(score)])
    : members.map(([member]) => member);

const push =
  (isFront: boolean): Command =>
  (database, [key, ...values]) => {
    const list = made(database, key!, 'list');
    for (const value of values) isFront ? list.unshift(value) : list.push(value);
    return list.length;
  };

const pop =
  (isFront: boolean): Command =>
  (database, [key, count]) => {
    const list = typed(database, key!, 'list');
    if (list === undefined) return null;
    const taken = isFront ? list.splice(0, Number(count ?? 1)) : list.splice(-Number(count ?? 1)).reverse();
    if (list.length === 0) database.delete(key!);
    return count === undefined ? (taken[0] ?? null) : taken;
  };

/** Each with the least number of arguments. */
export const COLLECTIONS: Readonly<Record<string, readonly [number, Command]>> = {
  LPUSH: [2, push(true)],
  RPUSH: [2, push(false)],
  LPOP: [1, pop(true)],
  RPOP: [1, pop(false)],
  LLEN: [1, (database, [key]) => typed(database, key!, 'list')?.length ?? 0],
  LRANGE: [3, (database, [key, from, to]) => range(typed(database, key!, 'list') ?? [], from!, to!)],
  LINDEX: [2, (database, [key, index]) => typed(database, key!, 'list')?.at(Number(index)) ?? null],
  SADD: [
    2,
    (database, [key, ...members]) => {
      const own = made(database, key!, 'set');
      const before = own.size;
      for (const member of members) own.add(member);
      return own.size - before;
    },
  ],
  SREM: [
    2,
    (database, [key, ...members]) => members.filter((member) => typed(database, key!, 'set')?.delete(member)).length,
  ],
  SMEMBERS: [1, (database, [key]) => [...(typed(database, key!, 'set') ?? [])]],
  SISMEMBER: [2, (database, [key, member]) => (typed(database, key!, 'set')?.has(member!) ? 1 : 0)],
  SCARD: [1, (database, [key]) => typed(database, key!, 'set')?.size ?? 0],
  HSET: [
    3,
    (database, [key, ...pairs]) => {
      const hash = made(database, key!, 'hash');
      const before = hash.size;
      for (let i = 0; i + 1 < pairs.length; i += 2) hash.set(pairs[i]!, pairs[i + 1]!);
      return hash.size - before;
    },
  ],
  HGET: [2, (database, [key, field]) => typed(database, key!, 'hash')?.get(field!) ?? null],
  HGETALL: [1, (database, [key]) => [...(typed(database, key!, 'hash') ?? [])].flat()],
  HDEL: [
    2,
    (database, [key, ...fields]) => fields.filter((field) => typed(database, key!, 'hash')?.delete(field)).length,
  ],
  HKEYS: [1, (database, [key]) => [...(typed(database, key!, 'hash')?.keys() ?? [])]],
  HVALS: [1, (database, [key]) => [...(typed(database, key!, 'hash')?.values() ?? [])]],
  HLEN: [1, (database, [key]) => typed(database, key!, 'hash')?.size ?? 0],
  HEXISTS: [2, (database, [key, field]) => (typed(database, key!, 'hash')?.has(field!) ? 1 : 0)],
  ZADD: [
    3,
    (database, [key, ...pairs]) => {
      const { scores } = made(database, key!, 'zset');
      const before = scores.size;
      for (let i = 0; i + 1 < pairs.length; i += 2) scores.set(pairs[i + 1]!, Number(pairs[i]));
      return scores.size - before;
    },
  ],
  ZCARD: [1, (database, [key]) => typed(database, key!, 'zset')?.scores.size ?? 0],
  ZSCORE: [
    2,
    (database, [key, member]) => {
      const score = typed(database, key!, 'zset')?.scores.get(member!);
      return score === undefined ? null : String(score);
    },
  ],
  ZRANGE: [
    3,
    (database, [key, from, to, ...options]) =>
      withScores(range(sortedMembers(typed(database, key!, 'zset') ?? { scores: new Map() }), from!, to!), options),
  ],
  ZREVRANGE: [
    3,
    (database, [key, from, to, ...options]) =>
      withScores(
        range(sortedMembers(typed(database, key!, 'zset') ?? { scores: new Map() }).reverse(), from!, to!),
        options,
      ),
  ],
};
