/** The gateway's Maintenance service. */

import { encodeBase64 } from '../../simulation/base64.ts';
import { concatenated } from '../../simulation/concatenated.ts';
import { CLUSTER_ERRORS, EtcdError, GRPC } from '../errors.ts';
import type { Alarm, AlarmType } from '../members.ts';
import { snapshotFile } from '../snapshot/snapshot.ts';
import {
  type Answer,
  type Call,
  header,
  id,
  integer,
  type Method,
  type Outlet,
  type Session,
  text,
} from './backend.ts';
import * as messages from './messages.ts';
import { DEFAULT_QUOTA_BYTES } from './metrics.ts';
import { type Message, message } from './proto-json.ts';

export const SERVER_VERSION = '3.7.1';
export const CLUSTER_VERSION = '3.7.0';
/** What a downgrade may aim at: one minor version less. */
const DOWNGRADE_TARGET = '3.6.0';
/** A share of a snapshot. */
const BLOB_BYTES = 32 * 1024;
/** What is sent of a snapshot where nobody tells how fast it is read. */
export const MAX_PUSHED_SNAPSHOT = 16 * 1024 * 1024;

function alarm({ backend, user }: Call, request: Message): Answer {
  const action = messages.ALARM_ACTIONS[integer(request, 'action')];
  const type = messages.ALARMS[integer(request, 'alarm')] ?? 'NONE';
  if (action === 'GET') backend.auth.requireUser(user);
  else backend.auth.requireAdmin(user);
  const named = (type: AlarmType): Alarm => ({ memberId: id(request, 'memberID'), type });
  let alarms: Alarm[] = [];
  if (action === 'GET') alarms = backend.members.alarms().filter((raised) => type === 'NONE' || raised.type === type);
  else if (type !== 'NONE' && action === 'ACTIVATE') {
    backend.members.raise(named(type));
    alarms = [named(type)];
  } else if (type !== 'NONE' && action === 'DEACTIVATE' && backend.members.disarm(named(type))) alarms = [named(type)];
  return message({
    header: header(backend),
    alarms: alarms.map((raised) => message({ memberID: raised.memberId, alarm: raised.type })),
  });
}

function status({ backend, user }: Call): Answer {
  backend.auth.requireUser(user);
  const { members, store } = backend;
  const size = String(store.sql.size());
  const target = members.downgradeTarget;
  const { leader, term, raftIndex, appliedIndex, isLearner, errors } = members.view;
  return message({
    header: header(backend),
    version: SERVER_VERSION,
    dbSize: size,
    leader: leader || undefined,
    raftIndex: String(raftIndex),
    raftTerm: String(term),
    raftAppliedIndex: String(appliedIndex),
    errors: [...members.alarms().map((raised) => `memberID:${raised.memberId} alarm:${raised.type}`), ...errors],
    isLearner: isLearner || undefined,
    dbSizeInUse: size,
    storageVersion: CLUSTER_VERSION,
    dbSizeQuota: String(store.quotaBytes || DEFAULT_QUOTA_BYTES),
    downgradeInfo: message({ enabled: target !== '', targetVersion: target }),
  });
}

function downgrade({ backend, user }: Call, request: Message): Answer {
  backend.auth.requireAdmin(user);
  const { members } = backend;
  const action = messages.DOWNGRADE_ACTIONS[integer(request, 'action')];
  if (!action) throw new EtcdError(GRPC.UNKNOWN, 'etcdserver: unknown method');
  if (action === 'CANCEL') members.downgradeTarget = '';
  else {
    const version = text(request, 'version');
    const parts = /^(\d+)\.(\d+)(\.\d+)?$/.exec(version);
    if (!parts) throw CLUSTER_ERRORS.wrongDowngradeFormat();
    if (`${parts[1]}.${parts[2]}.0` !== DOWNGRADE_TARGET) throw CLUSTER_ERRORS.invalidDowngradeTarget();
    if (members.downgradeTarget !== '') throw CLUSTER_ERRORS.downgradeInProcess();
    if (action === 'ENABLE') members.downgradeTarget = DOWNGRADE_TARGET;
  }
  return message({ header: header(backend), version: CLUSTER_VERSION.replace(/\.\d+$/, '') });
}

/** The store as etcd's own file in blobs, and its digest after them. It is written as fast as it is read. */
function snapshot({ backend, user }: Call, outlet: Outlet): Session {
  let over = false;
  const send = async (): Promise<void> => {
    backend.auth.requireAdmin(user);
    const file = await backend.store.snapshot((log) => snapshotFile(log, backend, CLUSTER_VERSION));
    if (!outlet.ready && file.bytes > MAX_PUSHED_SNAPSHOT)
      throw new EtcdError(GRPC.RESOURCE_EXHAUSTED, 'a snapshot of this size is sent by POST, not over a WebSocket');
    const digest = backend.newDigest();
    let remaining = file.bytes;
    for await (const blob of inBlobs(file.pages())) {
      await digest.update(blob);
      await outlet.ready?.();
      if (over) return;
      remaining -= blob.length;
      outlet.send(message({ remaining_bytes: String(remaining), blob: encodeBase64(blob), version: CLUSTER_VERSION }));
    }
    outlet.send({ blob: encodeBase64(await digest.finish()), version: CLUSTER_VERSION });
    outlet.end();
  };
  return {
    receive() {
      send().catch((error) => outlet.fail(error));
    },
    finish() {},
    close() {
      over = true;
    },
  };
}

/** Pages put together to blobs of about the size that etcd sends. */
async function* inBlobs(pages: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const page of pages) {
    gathered.push(page);
    bytes += page.length;
    if (bytes < BLOB_BYTES) continue;
    yield concatenated(gathered);
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) yield concatenated(gathered);
}

export const MAINTENANCE: Record<string, Method> = {
  'maintenance/alarm': { request: messages.ALARM, answer: alarm },
  'maintenance/status': { request: messages.EMPTY, answer: status },
  'maintenance/defragment': {
    request: messages.EMPTY,
    answer({ backend, user }) {
      backend.auth.requireAdmin(user);
      // SQLite reuses its free pages, and the platform's database can't be rewritten: nothing else is left to do.
      backend.store.compaction.finish();
      return {};
    },
  },
  'maintenance/hash': {
    request: messages.EMPTY,
    answer({ backend, user }) {
      backend.auth.requireAdmin(user);
      return message({ header: header(backend), hash: backend.store.hash(0).hash });
    },
  },
  'maintenance/hashkv': {
    request: messages.HASH_KV,
    answer({ backend, user }, request) {
      backend.auth.requireAdmin(user);
      const { hash, compactRevision, hashRevision } = backend.store.hash(integer(request, 'revision'));
      const revisions = { compact_revision: String(compactRevision), hash_revision: String(hashRevision) };
      return message({ header: header(backend), hash, ...revisions });
    },
  },
  'maintenance/snapshot': { request: messages.EMPTY, open: snapshot },
  'maintenance/transfer-leadership': {
    request: messages.MOVE_LEADER,
    async answer({ backend, user }, request) {
      backend.auth.requireAdmin(user);
      await backend.members.moveLeader(id(request, 'targetID'));
      return {};
    },
  },
  'maintenance/downgrade': { request: messages.DOWNGRADE, answer: downgrade },
};
