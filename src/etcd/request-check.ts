/** What etcd's front refuses before a request reaches the store: empty keys, too many operations, keys written twice, sizes. */
import { ETCD_ERRORS, EtcdError, GRPC } from './errors.ts';
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

/** etcd's limit and gRPC's allowance for overhead. */
export const MAX_MESSAGE_BYTES = MAX_REQUEST_BYTES + 512 * 1024;
/** What a proposal has beside the request: its header. */
const PROPOSAL_BYTES = 16;

/** `bytes` is what the request takes as a protobuf message: gRPC refuses the largest, etcd those above its own limit. */
export function checkSize(bytes: number): void {
  if (bytes > MAX_MESSAGE_BYTES) {
    const text = `grpc: received message larger than max (${bytes} vs. ${MAX_MESSAGE_BYTES})`;
    throw new EtcdError(GRPC.RESOURCE_EXHAUSTED, text);
  }
  if (bytes + PROPOSAL_BYTES > MAX_REQUEST_BYTES) throw ETCD_ERRORS.requestTooLarge();
}

/** The same of what the API server or a component writes: its own client of etcd is who refuses the largest. */
export function checkSent(request: Pick<TxnRequest, 'compare' | 'success'>): void {
  const bytes = txnBytes({ ...request, failure: [] });
  if (bytes > MAX_MESSAGE_BYTES) {
    const text = `trying to send message larger than max (${bytes} vs. ${MAX_MESSAGE_BYTES})`;
    throw new EtcdError(GRPC.RESOURCE_EXHAUSTED, `rpc error: code = ResourceExhausted desc = ${text}`);
  }
  checkSize(bytes);
}

export function putBytes(request: PutRequest): number {
  const flags = [request.prevKv, request.ignoreValue, request.ignoreLease].filter(Boolean).length;
  return field(request.key.length) + field(valueBytes(request.value)) + integer(request.lease ?? '0') + 2 * flags;
}

/** Exact but for guards, which are small. */
export function txnBytes(request: TxnRequest): number {
  let bytes = 0;
  for (const compare of request.compare) {
    const value = compare.target === 'VALUE' ? valueBytes(compare.value) : 4;
    bytes += 1 + field(4 + field(compare.key.length) + field(compare.rangeEnd?.length ?? 0) + value);
  }
  for (const op of [...request.success, ...request.failure]) bytes += field(field(opBytes(op)));
  return bytes;
}

function opBytes(op: RequestOp): number {
  if ('put' in op) return putBytes(op.put);
  if ('txn' in op) return txnBytes(op.txn);
  const { key, rangeEnd } = 'range' in op ? op.range : op.deleteRange;
  return field(key.length) + field(rangeEnd?.length ?? 0);
}

/** A field of so many bytes: tag, length, content; nothing if it is empty. */
function field(length: number): number {
  return length === 0 ? 0 : 1 + varint(length) + length;
}

function varint(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** An int64 field: its tag and seven bits a byte, negative ones in ten. */
function integer(value: string): number {
  if (value === '0') return 0;
  return value.startsWith('-') ? 11 : 1 + Math.ceil(BigInt(value).toString(2).length / 7);
}

const encoder = new TextEncoder();

function valueBytes(value: Value): number {
  if (typeof value !== 'string') return value.length;
  // Text of a third of the limit can't be too long in any encoding, and its exact size is not shown to anybody.
  return value.length * 3 <= MAX_REQUEST_BYTES ? value.length : encoder.encode(value).length;
}
