/** What etcd's front refuses before a request reaches the store: empty keys, too many operations, keys written twice, sizes. */
import { ETCD_ERRORS } from './errors.ts';
import { endOf } from './log.ts';
import type { DeleteRangeRequest, PutRequest, RangeRequest, RequestOp, TxnRequest, Value } from './types.ts';

export const MAX_TXN_OPS = 128;
/** etcd's --max-request-bytes. */
export const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024;

export function checkRange(request: RangeRequest): void {
  if (request.key === '') throw ETCD_ERRORS.emptyKey();
  if (request.sortOrder === undefined || request.sortTarget === undefined) throw ETCD_ERRORS.invalidSortOption();
}

export function checkPut(request: PutRequest): void {
  if (request.key === '') throw ETCD_ERRORS.emptyKey();
  if (request.ignoreValue && request.value.length > 0) throw ETCD_ERRORS.valueProvided();
  if (request.ignoreLease && request.lease !== undefined && request.lease !== '0') throw ETCD_ERRORS.leaseProvided();
}

export function checkDeleteRange(request: DeleteRangeRequest): void {
  if (request.key === '') throw ETCD_ERRORS.emptyKey();
}

export function checkTxn(request: TxnRequest): void {
  checkOperations(request, MAX_TXN_OPS);
  checkIntervals(request.success);
  checkIntervals(request.failure);
}

/** A nested transaction may use what its parent's widest list leaves. */
function checkOperations(request: TxnRequest, limit: number): void {
  const count = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (count > limit) throw ETCD_ERRORS.tooManyOps();
  if (request.compare.some((compare) => compare.key === '')) throw ETCD_ERRORS.emptyKey();
  for (const op of [...request.success, ...request.failure]) {
    if ('range' in op) checkRange(op.range);
    else if ('put' in op) checkPut(op.put);
    else if ('deleteRange' in op) checkDeleteRange(op.deleteRange);
    else if ('txn' in op) checkOperations(op.txn, limit - count);
    else throw ETCD_ERRORS.keyNotFound();
  }
}

interface Writes {
  puts: Set<string>;
  deletes: [start: string, end: string][];
}

/** No key may be put twice, or put and deleted; the two branches of a nested transaction exclude each other. */
function checkIntervals(ops: RequestOp[]): Writes {
  const deletes: Writes['deletes'] = [];
  for (const op of ops) {
    if ('deleteRange' in op) {
      const { key, rangeEnd } = op.deleteRange;
      deletes.push([key, endOf(rangeEnd) ?? `${key}\0`]);
    }
  }
  const puts = new Set<string>();
  const add = (key: string, mayRepeat?: Set<string>): void => {
    if (puts.has(key) && !mayRepeat?.has(key)) throw ETCD_ERRORS.duplicateKey();
    if (deletes.some(([start, end]) => key >= start && key < end)) throw ETCD_ERRORS.duplicateKey();
    puts.add(key);
  };
  for (const op of ops) {
    if (!('txn' in op)) continue;
    const success = checkIntervals(op.txn.success);
    const failure = checkIntervals(op.txn.failure);
    for (const key of success.puts) add(key);
    for (const key of failure.puts) add(key, success.puts);
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const op of ops) {
    if ('put' in op) add(op.put.key);
  }
  return { puts, deletes };
}

/** About what the request would take as a protobuf message; etcd refuses proposals above its limit. */
export function checkSize(bytes: number): void {
  if (bytes > MAX_REQUEST_BYTES) throw ETCD_ERRORS.requestTooLarge();
}

export function putBytes(request: PutRequest): number {
  return request.key.length + valueBytes(request.value) + 16;
}

export function txnBytes(request: TxnRequest): number {
  let bytes = 16;
  for (const compare of request.compare) bytes += compare.key.length + (compare.rangeEnd?.length ?? 0) + 16;
  for (const op of [...request.success, ...request.failure]) {
    if ('put' in op) bytes += putBytes(op.put);
    else if ('txn' in op) bytes += txnBytes(op.txn);
    else if ('range' in op) bytes += op.range.key.length + (op.range.rangeEnd?.length ?? 0) + 16;
    else bytes += op.deleteRange.key.length + (op.deleteRange.rangeEnd?.length ?? 0) + 16;
  }
  return bytes;
}

const encoder = new TextEncoder();

function valueBytes(value: Value): number {
  if (typeof value !== 'string') return value.length;
  return value.length * 3 <= MAX_REQUEST_BYTES / 2 ? value.length : encoder.encode(value).length;
}
