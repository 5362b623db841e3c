/** The gateway's KV service: range, put, delete range, txn, compaction. */
import { foreignValue } from '../foreign-value.ts';
import { isInOrder } from '../range.ts';
import { checkDeleteRange, checkPut, checkRange, checkSize, checkTxn, putBytes, txnBytes } from '../request-check.ts';
import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../types.ts';
import { rangeInParts, weighParts, weighRange, weighTxn } from './answer.ts';
import {
  type Answer,
  type Call,
  flag,
  header,
  id,
  inner,
  integer,
  keyValue,
  type Prepared,
  text,
  type Unary,
  type Weighed,
} from './backend.ts';
import * as messages from './messages.ts';
import { type Message, message, valueOfBytes } from './proto-json.ts';

function rangeRequest(request: Message): RangeRequest {
  return {
    key: text(request, 'key'),
    rangeEnd: text(request, 'range_end'),
    limit: integer(request, 'limit'),
    revision: integer(request, 'revision'),
    sortOrder: messages.SORT_ORDERS[integer(request, 'sort_order')],
    sortTarget: messages.SORT_TARGETS[integer(request, 'sort_target')],
    keysOnly: flag(request, 'keys_only'),
    countOnly: flag(request, 'count_only'),
    minModRevision: integer(request, 'min_mod_revision'),
    maxModRevision: integer(request, 'max_mod_revision'),
    minCreateRevision: integer(request, 'min_create_revision'),
    maxCreateRevision: integer(request, 'max_create_revision'),
  };
}

function putRequest(request: Message): PutRequest {
  const key = text(request, 'key');
  return {
    key,
    value: foreignValue(key, valueOfBytes(text(request, 'value'))),
    lease: id(request, 'lease'),
    prevKv: flag(request, 'prev_kv'),
    ignoreValue: flag(request, 'ignore_value'),
    ignoreLease: flag(request, 'ignore_lease'),
  };
}

function deleteRangeRequest(request: Message): DeleteRangeRequest {
  return { key: text(request, 'key'), rangeEnd: text(request, 'range_end'), prevKv: flag(request, 'prev_kv') };
}

function compareOf(request: Message): Compare {
  const result = messages.COMPARE_RESULTS[integer(request, 'result')];
  const target = messages.COMPARE_TARGETS[integer(request, 'target')];
  const range = { key: text(request, 'key'), rangeEnd: text(request, 'range_end') };
  // To etcd a result it does not know always holds, and a target it does not know is equal to anything.
  if (!result || !target) {
    const holds = !result || result === 'EQUAL';
    return { ...range, target: 'VERSION', result: holds ? 'GREATER' : 'LESS', value: -1 };
  }
  const guard = { ...range, result };
  switch (target) {
    case 'VERSION':
      return { ...guard, target, value: integer(request, 'version') };
    case 'CREATE':
      return { ...guard, target, value: integer(request, 'create_revision') };
    case 'MOD':
      return { ...guard, target, value: integer(request, 'mod_revision') };
    case 'VALUE':
      return { ...guard, target, value: valueOfBytes(text(request, 'value')) };
    case 'LEASE':
      return { ...guard, target, value: id(request, 'lease') };
    default:
      target satisfies never;
      throw new TypeError(String(target));
  }
}

function operation(request: Message): RequestOp {
  const range = inner(request, 'request_range');
  if (range) return { range: rangeRequest(range) };
  const put = inner(request, 'request_put');
  if (put) return { put: putRequest(put) };
  const deleteRange = inner(request, 'request_delete_range');
  if (deleteRange) return { deleteRange: deleteRangeRequest(deleteRange) };
  const txn = inner(request, 'request_txn');
  // None of them: refused by the check of the transaction.
  return txn ? { txn: txnRequest(txn) } : ({} as RequestOp);
}

function txnRequest(request: Message): TxnRequest {
  const list = (field: string): Message[] => (request[field] as Message[] | undefined) ?? [];
  return {
    compare: list('compare').map(compareOf),
    success: list('success').map(operation),
    failure: list('failure').map(operation),
  };
}

function rangeAnswer(head: Answer, response: RangeResponse): Answer {
  return message({
    header: head,
    kvs: response.kvs.map(keyValue),
    more: response.more,
    count: String(response.count),
  });
}

function putAnswer(head: Answer, response: PutResponse): Answer {
  return message({ header: head, prev_kv: response.prevKv && keyValue(response.prevKv) });
}

function deleteRangeAnswer(head: Answer, response: DeleteRangeResponse): Answer {
  return message({ header: head, deleted: String(response.deleted), prev_kvs: response.prevKvs.map(keyValue) });
}

/** Inside a transaction a header has the revision only, and a nested transaction's is empty. */
function operationAnswer(response: ResponseOp): Answer {
  if ('range' in response) {
    return { response_range: rangeAnswer({ revision: String(response.range.revision) }, response.range) };
  }
  if ('put' in response) return { response_put: putAnswer({ revision: String(response.put.revision) }, response.put) };
  if ('deleteRange' in response) {
    const head = { revision: String(response.deleteRange.revision) };
    return { response_delete_range: deleteRangeAnswer(head, response.deleteRange) };
  }
  return { response_txn: txnAnswer({}, response.txn) };
}

function txnAnswer(head: Answer, response: TxnResponse): Answer {
  return message({
    header: head,
    succeeded: response.succeeded,
    responses: response.responses.map(operationAnswer),
  });
}

function permittedRange({ backend, user }: Call, message: Message): RangeRequest {
  const request = rangeRequest(message);
  checkRange(request);
  backend.auth.requireOp(user, { range: request });
  return request;
}

function range(call: Call, message: Message, inParts: boolean): Prepared {
  const { backend } = call;
  const request = permittedRange(call, message);
  const whole = (response: RangeResponse): Answer => rangeAnswer(header(backend, response.revision), response);
  if (inParts && isInOrder(request))
    return { bytes: weighParts(backend, request), answer: () => rangeInParts(backend, request, whole) };
  return { bytes: weighRange(backend, request), answer: () => whole(backend.store.range(request)) };
}

function put({ backend, user }: Call, message: Message): Answer {
  const request = putRequest(message);
  checkPut(request);
  checkSize(putBytes(request));
  backend.members.requireSound();
  backend.auth.requireOp(user, { put: request });
  const response = backend.store.put(request);
  return putAnswer(header(backend, response.revision), response);
}

function deleteRange({ backend, user }: Call, message: Message): Prepared {
  const request = deleteRangeRequest(message);
  checkDeleteRange(request);
  backend.members.requireSound();
  backend.auth.requireOp(user, { deleteRange: request });
  return {
    bytes: request.prevKv ? weighRange(backend, request) : 0,
    answer() {
      const response = backend.store.deleteRange(request);
      return deleteRangeAnswer(header(backend, response.revision), response);
    },
  };
}

function txn({ backend, user }: Call, message: Message): Prepared {
  const request = txnRequest(message);
  checkTxn(request);
  checkSize(txnBytes(request));
  backend.members.requireSound();
  backend.auth.requireTxn(user, request);
  return {
    bytes: weighTxn(backend, request),
    answer() {
      const response = backend.store.txn(request);
      return txnAnswer(header(backend, response.revision), response);
    },
  };
}

function compaction({ backend }: Call, message: Message): Answer {
  backend.members.requireSound();
  backend.store.compact(integer(message, 'revision'));
  if (message.physical) backend.store.compaction.finish();
  return { header: header(backend) };
}

export const KV: Record<string, Unary | Weighed> = {
  'kv/range': { request: messages.RANGE, prepare: range },
  'kv/put': { request: messages.PUT, answer: put },
  'kv/deleterange': { request: messages.DELETE_RANGE, prepare: deleteRange },
  'kv/txn': { request: messages.TXN, prepare: txn },
  'kv/compaction': { request: messages.COMPACTION, answer: compaction },
};
