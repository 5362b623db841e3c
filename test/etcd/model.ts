/**
 * etcd in thirty lines of maps and lists, and random scripts to compare the store with it. It keeps every change for ever and answers
 * each question by walking them, so that it can hardly be wrong in the same way as the store.
 */

import { constantBase } from '../../src/etcd/base.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import type {
  Compare,
  DeleteRangeRequest,
  KeyValue,
  PutRequest,
  RangeRequest,
  TxnRequest,
  WatchEvent,
} from '../../src/etcd/types.ts';

export type Operation =
  | { put: PutRequest }
  | { deleteRange: DeleteRangeRequest }
  | { range: RangeRequest }
  | { txn: TxnRequest }
  | { compact: number }
  | { grant: { id: string; ttl: number } }
  | { revoke: string }
  | { advance: number }
  | { history: { key: string; rangeEnd: string; startRevision: number } }
  | { restart: true };

const BASE: [string, string][] = [
  ['b1', 'default'],
  ['c', 'default'],
  ['e2', 'default'],
];

interface Change {
  kv: KeyValue;
  deleted: boolean;
}

/** The plain model. Its answers have the store's shape. */
class Model {
  readonly changes: Change[];
  readonly leases = new Map<string, { ttl: number; expires: number }>();
  revision = 1;
  compacted = -1;
  now = 0;

  constructor() {
    this.changes = BASE.map(([key, value]) => ({
      kv: { key, value, createRevision: 1, modRevision: 1, version: 1, lease: '0' },
      deleted: false,
    }));
  }

  at(revision: number): Map<string, KeyValue> {
    const state = new Map<string, KeyValue>();
    for (const { kv, deleted } of this.changes) {
      if (kv.modRevision > revision) break;
      if (deleted) state.delete(kv.key);
      else state.set(kv.key, kv);
    }
    return state;
  }

  select(revision: number, key: string, rangeEnd: string | undefined): KeyValue[] {
    const inRange = (candidate: string): boolean => {
      if (!rangeEnd) return candidate === key;
      return candidate >= key && (rangeEnd === '\0' || candidate < rangeEnd);
    };
    const kvs = [...this.at(revision).values()].filter((kv) => inRange(kv.key));
    return kvs.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  range(request: RangeRequest, revision = this.revision): unknown {
    const at = request.revision! > 0 ? request.revision! : revision;
    if (at > revision) throw new Error('future');
    if (at < this.compacted) throw new Error('compacted');
    const all = this.select(at, request.key, request.rangeEnd);
    const limit = request.limit || Number.POSITIVE_INFINITY;
    const cut = request.countOnly ? [] : all.slice(0, limit);
    const kvs = request.keysOnly ? cut.map((kv) => ({ ...kv, value: '', lease: '0' })) : cut;
    return { revision, kvs, count: all.length, more: !request.countOnly && all.length > limit };
  }

  txn(request: TxnRequest): unknown {
    const before = this.changes.length;
    const succeeded = request.compare.every((compare) => this.holds(compare));
    const ops = succeeded ? request.success : request.failure;
    const written = (): number => this.revision + (this.changes.length > before ? 1 : 0);
    try {
      const responses = ops.map((op) => {
        if ('range' in op) {
          if (op.range.revision! > this.revision) throw new Error('future');
          return { range: this.range(op.range, written()) };
        }
        if ('put' in op) return { put: this.put(op.put) };
        if ('deleteRange' in op) {
          const deleted = this.delete(op.deleteRange);
          return {
            deleteRange: {
              revision: written(),
              deleted: deleted.length,
              prevKvs: op.deleteRange.prevKv ? deleted : [],
            },
          };
        }
        throw new TypeError('the model has no nested transactions');
      });
      this.revision = written();
      return { revision: this.revision, succeeded, responses };
    } catch (error) {
      this.changes.length = before;
      throw error;
    }
  }

  put(request: PutRequest): unknown {
    const before = this.select(this.revision + 1, request.key, undefined)[0];
    if ((request.ignoreValue || request.ignoreLease) && !before) throw new Error('no key');
    const lease = request.ignoreLease ? before!.lease : (request.lease ?? '0');
    if (lease !== '0' && !this.leases.has(lease)) throw new Error('no lease');
    const modRevision = this.revision + 1;
    const kv: KeyValue = {
      key: request.key,
      value: request.ignoreValue ? before!.value : request.value,
      createRevision: before?.createRevision ?? modRevision,
      modRevision,
      version: (before?.version ?? 0) + 1,
      lease,
    };
    this.changes.push({ kv, deleted: false });
    return request.prevKv && before ? { revision: modRevision, prevKv: before } : { revision: modRevision };
  }

  delete(request: DeleteRangeRequest): KeyValue[] {
    const kvs = this.select(this.revision + 1, request.key, request.rangeEnd);
    for (const { key } of kvs) {
      const kv = { key, value: '', createRevision: 0, modRevision: this.revision + 1, version: 0, lease: '0' };
      this.changes.push({ kv, deleted: true });
    }
    return kvs;
  }

  holds(compare: Compare): boolean {
    const found = this.select(this.revision, compare.key, compare.rangeEnd);
    if (found.length === 0 && compare.target === 'VALUE') return false;
    const absent = { key: '', value: '', createRevision: 0, modRevision: 0, version: 0, lease: '0' };
    const field = { VERSION: 'version', CREATE: 'createRevision', MOD: 'modRevision', VALUE: 'value', LEASE: 'lease' };
    return (found.length > 0 ? found : [absent]).every((kv) => {
      const actual = kv[field[compare.target] as keyof KeyValue];
      if (compare.result === 'EQUAL') return actual === compare.value;
      if (compare.result === 'NOT_EQUAL') return actual !== compare.value;
      return compare.result === 'LESS' ? actual < compare.value : actual > compare.value;
    });
  }

  revoke(id: string): void {
    if (!this.leases.delete(id)) throw new Error('no lease');
    const keys = [...this.at(this.revision).values()].filter((kv) => kv.lease === id).map((kv) => kv.key);
    for (const key of keys.sort()) this.delete({ key });
    if (keys.length > 0) this.revision++;
  }

  advance(seconds: number): void {
    this.now += seconds * 1000;
    const due = [...this.leases].filter(([, lease]) => lease.expires <= this.now);
    due.sort(([a, one], [b, two]) => one.expires - two.expires || (a < b ? -1 : 1));
    for (const [id] of due) this.revoke(id);
  }

  history(request: { key: string; rangeEnd: string; startRevision: number }): string[] {
    if (request.startRevision < this.compacted) return [`compacted at ${this.compacted}`];
    return this.changes
      .filter(({ kv }) => kv.modRevision >= request.startRevision && kv.modRevision > 1)
      .filter(({ kv }) => kv.key >= request.key && kv.key < request.rangeEnd)
      .map(({ kv, deleted }) => shownEvent({ type: deleted ? 'DELETE' : 'PUT', kv }));
  }
}

const shownEvent = ({ type, kv }: WatchEvent): string => `${type} ${kv.key}@${kv.modRevision} ${kv.value}`;

/** Runs a script on both; what differed first, or undefined. `observed` counts the operations that were compared. */
export function firstDifference(script: Operation[]): string | undefined {
  const sql = nodeSql();
  const options = { base: constantBase(BASE) };
  let store = new Store(sql, options);
  const model = new Model();
  const commits: string[] = [];
  store.subscribe(({ events }) => commits.push(...events.map(shownEvent)));
  try {
    for (const [i, operation] of script.entries()) {
      if ('restart' in operation) {
        store = new Store(sql, options);
        store.subscribe(({ events }) => commits.push(...events.map(shownEvent)));
      }
      const want = attempt(() => onModel(model, operation));
      const got = attempt(() => onStore(store, model.now, operation));
      if (want !== got) return `operation ${i} ${JSON.stringify(operation)}\n  store ${got}\n  model ${want}`;
    }
    const all = model.changes.filter(({ kv }) => kv.modRevision > 1);
    const events = all.map(({ kv, deleted }) => shownEvent({ type: deleted ? 'DELETE' : 'PUT', kv }));
    const at = events.findIndex((event, i) => event !== commits[i]);
    if (at >= 0 || events.length !== commits.length) return `event ${at}: ${commits[at]}, want ${events[at]}`;
    return undefined;
  } finally {
    sql.close();
  }
}

function attempt(work: () => unknown): string {
  try {
    return JSON.stringify(work()) ?? 'nothing';
  } catch (error) {
    if (error instanceof EtcdError) return 'refused';
    if (error instanceof Error && /^(no key|no lease|lease exists|future|compacted)$/.test(error.message))
      return 'refused';
    throw error;
  }
}

function onStore(store: Store, now: number, operation: Operation): unknown {
  if ('put' in operation) return store.put(operation.put);
  if ('deleteRange' in operation) return store.deleteRange(operation.deleteRange);
  if ('range' in operation) return sorted(store.range(operation.range));
  if ('txn' in operation) return sorted(store.txn(operation.txn));
  if ('compact' in operation) return store.compact(operation.compact);
  if ('grant' in operation) return store.grantLease(operation.grant.id, operation.grant.ttl, now).expires;
  if ('revoke' in operation) return store.revokeLease(operation.revoke);
  if ('advance' in operation) return store.expireLeases(now);
  if ('history' in operation) {
    const events: string[] = [];
    let startSub = 0;
    for (let { startRevision } = operation.history; ; ) {
      const batch = store.history({ ...operation.history, startRevision, startSub }, { events: 5 });
      if (batch.compactRevision !== undefined) return [`compacted at ${batch.compactRevision}`];
      events.push(...batch.events.map(shownEvent));
      if (batch.revision >= store.revision) return events;
      startRevision = batch.revision + 1;
      startSub = batch.sub ?? 0;
    }
  }
  return undefined;
}

function onModel(model: Model, operation: Operation): unknown {
  if ('put' in operation) {
    const response = model.put(operation.put);
    model.revision++;
    return response;
  }
  if ('deleteRange' in operation) {
    const kvs = model.delete(operation.deleteRange);
    if (kvs.length > 0) model.revision++;
    const prevKvs = operation.deleteRange.prevKv ? kvs : [];
    return { revision: model.revision, deleted: kvs.length, prevKvs };
  }
  if ('range' in operation) return sorted(model.range(operation.range));
  if ('txn' in operation) return sorted(model.txn(operation.txn));
  if ('compact' in operation) {
    if (operation.compact <= model.compacted || operation.compact <= 0) throw new Error('compacted');
    if (operation.compact > model.revision) throw new Error('future');
    model.compacted = operation.compact;
    return undefined;
  }
  if ('grant' in operation) {
    const { id, ttl } = operation.grant;
    if (model.leases.has(id)) throw new Error('lease exists');
    const expires = model.now + ttl * 1000;
    model.leases.set(id, { ttl, expires });
    return expires;
  }
  if ('revoke' in operation) return model.revoke(operation.revoke);
  if ('advance' in operation) return model.advance(operation.advance);
  if ('history' in operation) return model.history(operation.history);
  return undefined;
}

/** The same answer whatever the order of its fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** The same failure with as few operations as can be found: halves, then smaller parts, are left out while it still fails. */
export function shrink(script: Operation[]): Operation[] {
  let failing = script;
  for (let part = Math.ceil(failing.length / 2); part >= 1; part = Math.floor(part / 2)) {
    for (let from = 0; from < failing.length; ) {
      const without = [...failing.slice(0, from), ...failing.slice(from + part)];
      if (firstDifference(without) !== undefined) failing = without;
      else from += part;
    }
  }
  return failing;
}
