/**
 * Writing: one transaction, one revision. Its guards are all judged before its first write, nested transactions included, and
 * the changes get sub-revisions in order.
 */
import { ETCD_ERRORS } from './errors.ts';
import { endOf, type Log } from './log.ts';
import { compareValues, range } from './range.ts';
import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  KeyValue,
  PutRequest,
  PutResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
  WatchEvent,
} from './types.ts';

/** What a transaction asks of the leases. */
export interface LeaseBook {
  exists(lease: string): boolean;
  attach(lease: string, key: string): void;
  detach(lease: string, key: string): void;
}

/** The changes of one revision, from first read to commit. */
export class WriteTxn {
  readonly events: WatchEvent[] = [];
  readonly #log: Log;
  readonly #leases: LeaseBook;

  constructor(log: Log, leases: LeaseBook) {
    this.#log = log;
    this.#leases = leases;
  }

  /** As the transaction's own reads see it. */
  get revision(): number {
    return this.#log.revision + (this.events.length > 0 ? 1 : 0);
  }

  put(request: PutRequest): PutResponse {
    const { key } = request;
    const head = this.#log.head(key);
    const before = head?.kv;
    if ((request.ignoreValue || request.ignoreLease) && !before) throw ETCD_ERRORS.keyNotFound();
    const lease = request.ignoreLease ? before!.lease : (request.lease ?? '0');
    if (lease !== '0' && !this.#leases.exists(lease)) throw ETCD_ERRORS.leaseNotFound();
    const modRevision = this.#log.revision + 1;
    const kv: KeyValue = {
      key,
      value: request.ignoreValue ? before!.value : request.value,
      createRevision: before?.createRevision ?? modRevision,
      modRevision,
      version: (before?.version ?? 0) + 1,
      lease,
    };
    this.#log.append(kv, kv.value, this.events.length, head);
    if (before && before.lease !== '0' && before.lease !== lease) this.#leases.detach(before.lease, key);
    if (lease !== '0' && lease !== before?.lease) this.#leases.attach(lease, key);
    this.events.push(before ? { type: 'PUT', kv, prevKv: before } : { type: 'PUT', kv });
    return request.prevKv && before ? { revision: modRevision, prevKv: before } : { revision: modRevision };
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    const end = endOf(request.rangeEnd);
    if (end === undefined) {
      const head = this.#log.head(request.key);
      if (head?.kv) this.#delete(head.kv, head.revision, head.sub);
      const kvs = head?.kv ? [head.kv] : [];
      return { revision: this.revision, deleted: kvs.length, prevKvs: request.prevKv ? kvs : [] };
    }
    const { kvs } = this.#log.live(request.key, end);
    for (const kv of kvs) {
      const head = this.#log.head(kv.key)!;
      this.#delete(kv, head.revision, head.sub);
    }
    return { revision: this.revision, deleted: kvs.length, prevKvs: request.prevKv ? kvs : [] };
  }

  #delete(before: KeyValue, revision: number, sub: number): void {
    const { key } = before;
    const kv = { key, value: '', createRevision: 0, modRevision: this.#log.revision + 1, version: 0, lease: '0' };
    this.#log.append(kv, null, this.events.length, { revision, sub });
    if (before.lease !== '0') this.#leases.detach(before.lease, key);
    this.events.push({ type: 'DELETE', kv, prevKv: before });
  }

  run(request: TxnRequest): TxnResponse {
    return this.#apply(request, this.#judge(request));
  }

  /** The path taken, decided for the whole tree before anything is written. */
  #judge(request: TxnRequest): Path {
    const succeeded = request.compare.every((compare) => this.#holds(compare));
    const nested: Path[] = [];
    for (const op of succeeded ? request.success : request.failure) {
      if ('txn' in op) nested.push(this.#judge(op.txn));
    }
    return { succeeded, nested };
  }

  #apply(request: TxnRequest, path: Path): TxnResponse {
    let nested = 0;
    const responses: ResponseOp[] = [];
    for (const op of path.succeeded ? request.success : request.failure) {
      if ('txn' in op) responses.push({ txn: this.#apply(op.txn, path.nested[nested++]!) });
      else responses.push(this.#one(op));
    }
    return { revision: this.revision, succeeded: path.succeeded, responses };
  }

  #one(op: Exclude<RequestOp, { txn: TxnRequest }>): ResponseOp {
    if ('range' in op) {
      this.#checkRevision(op.range.revision ?? 0);
      return { range: range(this.#log, op.range, this.revision) };
    }
    if ('put' in op) return { put: this.put(op.put) };
    return { deleteRange: this.deleteRange(op.deleteRange) };
  }

  /** A transaction reads at revisions before it, and minds negative ones, which a range outside does not. */
  #checkRevision(revision: number): void {
    if (revision > this.#log.revision) throw ETCD_ERRORS.futureRevision();
    if (revision !== 0 && revision < this.#log.compactRevision) throw ETCD_ERRORS.compacted();
  }

  #holds(compare: Compare): boolean {
    const end = endOf(compare.rangeEnd);
    if (end !== undefined) {
      const { kvs } = this.#log.live(compare.key, end);
      // etcd: over an empty range a guard on the value fails, and others are judged against a key that does not exist.
      if (kvs.length === 0) return compare.target !== 'VALUE' && matches(compare, ABSENT);
      return kvs.every((kv) => matches(compare, kv));
    }
    const kv = this.#log.head(compare.key)?.kv;
    if (!kv && compare.target === 'VALUE') return false;
    return matches(compare, kv ?? ABSENT);
  }
}

interface Path {
  succeeded: boolean;
  nested: Path[];
}

const ABSENT: KeyValue = { key: '', value: '', createRevision: 0, modRevision: 0, version: 0, lease: '0' };

function matches(compare: Compare, kv: KeyValue): boolean {
  const order = orderOf(compare, kv);
  switch (compare.result) {
    case 'EQUAL':
      return order === 0;
    case 'NOT_EQUAL':
      return order !== 0;
    case 'GREATER':
      return order > 0;
    case 'LESS':
      return order < 0;
    default:
      compare.result satisfies never;
      return false;
  }
}

function orderOf(compare: Compare, kv: KeyValue): number {
  switch (compare.target) {
    case 'VERSION':
      return kv.version - compare.value;
    case 'CREATE':
      return kv.createRevision - compare.value;
    case 'MOD':
      return kv.modRevision - compare.value;
    case 'VALUE':
      return compareValues(kv.value, compare.value);
    case 'LEASE': {
      const difference = BigInt(kv.lease) - BigInt(compare.value);
      return difference === 0n ? 0 : difference > 0n ? 1 : -1;
    }
    default:
      compare satisfies never;
      return 0;
  }
}
