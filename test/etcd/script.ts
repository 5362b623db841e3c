/** Random scripts of operations: few keys and few leases, so that everything meets everything. */
import type { Compare, RequestOp, TxnRequest } from '../../src/etcd/types.ts';
import type { Operation } from './model.ts';

const KEYS = ['a', 'b', 'b1', 'b\0', 'c', 'd\u00ff', 'd', 'e2', 'f'];
const LEASES = ['7', '8', '9'];

export type Random = () => number;

/** A small generator with a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomScript(random: Random, length: number): Operation[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const chance = (probability: number): boolean => random() < probability;
  // About where the store's revision will be.
  let revision = 1;
  const nearRevision = (): number => Math.max(0, revision + 2 - Math.floor(random() * random() * (revision + 4)));

  const range = () => {
    const key = pick(KEYS);
    return { key, rangeEnd: pick(['', '', '\0', 'z', 'd', key]) };
  };
  const put = () => ({
    key: pick(KEYS),
    value: String(Math.floor(random() * 100)),
    ...(chance(0.2) ? { lease: pick(LEASES) } : {}),
    prevKv: chance(0.3),
    ...(chance(0.1) ? { ignoreValue: true } : {}),
    ...(chance(0.1) ? { ignoreLease: true } : {}),
  });
  const read = () => ({
    ...range(),
    limit: chance(0.4) ? Math.floor(random() * 4) : 0,
    revision: chance(0.5) ? nearRevision() : 0,
    keysOnly: chance(0.1),
    countOnly: chance(0.1),
  });
  const guard = (): Compare => {
    const target = pick(['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE'] as const);
    const result = pick(['EQUAL', 'NOT_EQUAL', 'GREATER', 'LESS'] as const);
    const over = range();
    if (target === 'VALUE') return { ...over, target, result, value: String(Math.floor(random() * 100)) };
    if (target === 'LEASE') return { ...over, target, result, value: pick(['0', ...LEASES]) };
    return { ...over, target, result, value: pick([0, 1, 2, nearRevision()]) };
  };
  const txn = (): TxnRequest => {
    // A key is put once and not deleted in the same transaction: etcd's front refuses others.
    const branch = (): RequestOp[] => {
      const keys = new Set<string>();
      const ops: RequestOp[] = [];
      for (let i = Math.floor(random() * 4); i > 0; i--) {
        const request = put();
        if (chance(0.3)) ops.push({ range: read() });
        else if (!keys.has(request.key))
          ops.push(chance(0.8) ? { put: request } : { deleteRange: { key: request.key } });
        keys.add(request.key);
      }
      return ops;
    };
    const compare = Array.from({ length: Math.floor(random() * 3) }, guard);
    return { compare, success: branch(), failure: branch() };
  };

  return Array.from({ length }, (): Operation => {
    const choice = random();
    if (choice < 0.35) {
      revision++;
      return { put: put() };
    }
    if (choice < 0.43) return { deleteRange: { ...range(), prevKv: chance(0.5) } };
    if (choice < 0.68) return { range: read() };
    if (choice < 0.83) {
      revision += chance(0.5) ? 1 : 0;
      return { txn: txn() };
    }
    if (choice < 0.87) return { compact: nearRevision() };
    if (choice < 0.9) return { grant: { id: pick(LEASES), ttl: 5 + Math.floor(random() * 60) } };
    if (choice < 0.92) return { revoke: pick(LEASES) };
    if (choice < 0.95) return { advance: Math.floor(random() * 20) };
    if (choice < 0.99)
      return { history: { key: 'a', rangeEnd: pick(['b1', 'd', 'z']), startRevision: nearRevision() || 1 } };
    return { restart: true };
  });
}
