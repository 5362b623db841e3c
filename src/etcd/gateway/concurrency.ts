/**
 * The gateway's Lock and Election services. Both queue by the create revision of a key that each contender has below the common name,
 * bound to its lease: the oldest key holds the lock, or leads.
 */
import { EtcdError, GRPC } from '../errors.ts';
import { checkDeleteRange, checkTxn } from '../request-check.ts';
import type { KeyValue, TxnResponse, Value } from '../types.ts';
import {
  type Answer,
  type Call,
  header,
  id,
  inner,
  integer,
  keyValue,
  type Method,
  type Outlet,
  type Session,
  text,
  type Unary,
} from './backend.ts';
import { newLeaseId } from './lease.ts';
import * as messages from './messages.ts';
import { type Message, message, valueOfBytes } from './proto-json.ts';

/** Seconds that a lease lives which the client did not bring. */
const SESSION_TTL = 60;

const unknown = (text: string): EtcdError => new EtcdError(GRPC.UNKNOWN, text);
const notLeader = (): EtcdError => unknown('election: not leader');
const missingLeader = (): EtcdError => unknown('"leader" field must be provided');

/** The exclusive end of all keys that start with `prefix`. */
function prefixEnd(prefix: string): string {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const unit = prefix.charCodeAt(i);
    if (unit < 0xff) return prefix.slice(0, i) + String.fromCharCode(unit + 1);
  }
  return '\0';
}

/** The contender's lease, kept alive, or one of its own. */
function session({ backend }: Call, lease: string): string {
  if (lease === '0') {
    const granted = backend.store.grantLease(newLeaseId(backend), SESSION_TTL, backend.now()).id;
    backend.leasesChanged?.();
    return granted;
  }
  if (backend.store.keepLeaseAlive(lease, backend.now())) backend.leasesChanged?.();
  return lease;
}

function oldest({ backend }: Call, prefix: string): KeyValue | undefined {
  const range = {
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    sortTarget: 'CREATE',
    sortOrder: 'ASCEND',
    limit: 1,
  } as const;
  return backend.store.range(range).kvs[0];
}

interface Contender {
  prefix: string;
  key: string;
  lease: string;
  /** The create revision of its key. */
  since: number;
  /** The store's revision when it lined up. */
  revision: number;
  /** Its key was there before, with this value. */
  before?: KeyValue;
}

/** Puts the contender's key, unless it is there. */
function lineUp(call: Call, name: string, lease: string, value: Value): Contender {
  const { auth, store } = call.backend;
  const prefix = `${name}/`;
  const key = prefix + BigInt.asUintN(64, BigInt(lease)).toString(16);
  const request = {
    compare: [{ key, target: 'CREATE', result: 'EQUAL', value: 0 } as const],
    success: [{ put: { key, value, lease } }],
    failure: [{ range: { key } }],
  };
  auth.requireTxn(call.user, request);
  const response: TxnResponse = store.txn(request);
  const { revision } = response;
  const found = response.responses[0]!;
  if (response.succeeded || !('range' in found)) return { prefix, key, lease, since: revision, revision };
  const before = found.range.kvs[0]!;
  return { prefix, key, lease, since: before.createRevision, revision, before };
}

/** Resolves when no older key than the contender's is left; true if it had to wait. */
async function turn(call: Call, { prefix, key, since }: Contender): Promise<boolean> {
  const { store } = call.backend;
  const isFirst = (): boolean => {
    const first = oldest(call, prefix);
    return !first || first.key === key || first.createRevision >= since;
  };
  if (isFirst()) return false;
  await new Promise<void>((resolve, reject) => {
    const settle = (settled: () => void): void => {
      unsubscribe();
      settled();
    };
    const unsubscribe = store.subscribe((commit) => {
      const concerns = commit.events.some((event) => event.type === 'DELETE' && event.kv.key.startsWith(prefix));
      if (concerns && isFirst()) settle(resolve);
    });
    call.signal.addEventListener('abort', () => {
      store.deleteRange({ key });
      settle(() => reject(new EtcdError(GRPC.CANCELED, 'context canceled')));
    });
  });
  return true;
}

async function lock(call: Call, request: Message): Promise<Answer> {
  const { backend } = call;
  const contender = lineUp(call, text(request, 'name'), session(call, id(request, 'lease')), '');
  const waited = await turn(call, contender);
  if (waited && !backend.store.range({ key: contender.key }).kvs[0]) throw unknown('mutex: session is expired');
  const revision = waited ? backend.store.revision : contender.revision;
  return message({ header: header(backend, revision), key: btoa(contender.key) });
}

function unlock({ backend, user }: Call, request: Message): Answer {
  const key = text(request, 'key');
  backend.auth.requireWrite(user, key, undefined);
  checkDeleteRange({ key });
  return { header: header(backend, backend.store.deleteRange({ key }).revision) };
}

async function campaign(call: Call, request: Message): Promise<Answer> {
  const { backend } = call;
  const name = text(request, 'name');
  const value = valueOfBytes(text(request, 'value'));
  const contender = lineUp(call, name, session(call, id(request, 'lease')), value);
  let { revision } = contender;
  if (contender.before && contender.before.value !== value) {
    revision = proclaimValue(call, contender.key, contender.since, contender.lease, value);
  }
  await turn(call, contender);
  const leader = { name: btoa(name), key: btoa(contender.key), rev: String(contender.since), lease: contender.lease };
  return { header: header(backend, revision), leader: message(leader) };
}

function proclaimValue({ backend, user }: Call, key: string, since: number, lease: string, value: Value): number {
  const request = {
    compare: [{ key, target: 'CREATE', result: 'EQUAL', value: since } as const],
    success: [{ put: { key, value, lease } }],
    failure: [],
  };
  checkTxn(request);
  backend.auth.requireTxn(user, request);
  const response = backend.store.txn(request);
  if (!response.succeeded) throw notLeader();
  return response.revision;
}

function proclaim(call: Call, request: Message): Answer {
  const leader = inner(request, 'leader');
  if (!leader) throw missingLeader();
  const lease = session(call, id(leader, 'lease'));
  const value = valueOfBytes(text(request, 'value'));
  const revision = proclaimValue(call, text(leader, 'key'), integer(leader, 'rev'), lease, value);
  return { header: header(call.backend, revision) };
}

function resign({ backend, user }: Call, request: Message): Answer {
  const leader = inner(request, 'leader');
  if (!leader) throw missingLeader();
  const key = text(leader, 'key');
  const txn = {
    compare: [{ key, target: 'CREATE', result: 'EQUAL', value: integer(leader, 'rev') } as const],
    success: [{ deleteRange: { key } }],
    failure: [],
  };
  checkTxn(txn);
  backend.auth.requireTxn(user, txn);
  return { header: header(backend, backend.store.txn(txn).revision) };
}

function leader(call: Call, request: Message): Answer {
  const { backend } = call;
  const prefix = `${text(request, 'name')}/`;
  backend.auth.requireRead(call.user, prefix, prefixEnd(prefix));
  const first = oldest(call, prefix);
  if (!first) throw unknown('election: no leader');
  return { header: header(backend), kv: keyValue(first) };
}

/** The leader now, each value that it proclaims, and each leader after it. */
function observe(call: Call, outlet: Outlet): Session {
  let unsubscribe = (): void => {};
  return {
    receive(request) {
      const { backend } = call;
      const prefix = `${text(request, 'name')}/`;
      backend.auth.requireRead(call.user, prefix, prefixEnd(prefix));
      let shown = 0;
      const show = (): void => {
        const first = oldest(call, prefix);
        if (!first || first.modRevision === shown) return;
        shown = first.modRevision;
        outlet.send({ header: header(backend), kv: keyValue(first) });
      };
      show();
      unsubscribe();
      unsubscribe = backend.store.subscribe((commit) => {
        if (commit.events.some((event) => event.kv.key.startsWith(prefix))) show();
      });
    },
    finish() {},
    close: () => unsubscribe(),
  };
}

/** etcd serves these through a client of its own, and an error loses its code on that way. */
function throughClient({ request, answer }: Unary): Unary {
  return {
    request,
    async answer(call, received) {
      try {
        return await answer(call, received);
      } catch (error) {
        throw error instanceof EtcdError && error.code !== GRPC.CANCELED ? unknown(error.message) : error;
      }
    },
  };
}

export const CONCURRENCY: Record<string, Method> = {
  'lock/lock': throughClient({ request: messages.LOCK, answer: lock }),
  'lock/unlock': throughClient({ request: messages.UNLOCK, answer: unlock }),
  'election/campaign': throughClient({ request: messages.CAMPAIGN, answer: campaign }),
  'election/proclaim': throughClient({ request: messages.PROCLAIM, answer: proclaim }),
  'election/leader': throughClient({ request: messages.ELECTION_NAME, answer: leader }),
  'election/observe': { request: messages.ELECTION_NAME, open: observe },
  'election/resign': throughClient({ request: messages.RESIGN, answer: resign }),
};
