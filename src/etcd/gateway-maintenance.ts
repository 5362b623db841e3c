/** The gateway's Maintenance service. */
import { CLUSTER_ERRORS, EtcdError, GRPC } from './errors.ts';
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
} from './gateway-backend.ts';
import type { Alarm, AlarmType } from './members.ts';
import * as messages from './messages.ts';
import { bytesOfValue, type Message, message } from './proto-json.ts';

export const SERVER_VERSION = '3.7.1';
export const CLUSTER_VERSION = '3.7.0';
/** What a downgrade may aim at: one minor version less. */
const DOWNGRADE_TARGET = '3.6.0';
/** A share of a snapshot. */
const BLOB_BYTES = 32 * 1024;

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
  return message({
    header: header(backend),
    version: SERVER_VERSION,
    dbSize: size,
    leader: members.memberId,
    raftIndex: String(store.revision + 3),
    raftTerm: String(members.term),
    raftAppliedIndex: String(store.revision + 3),
    errors: members.alarms().map((raised) => `memberID:${raised.memberId} alarm:${raised.type}`),
    dbSizeInUse: size,
    storageVersion: CLUSTER_VERSION,
    dbSizeQuota: String(store.quotaBytes || 2 * 1024 ** 3),
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

/** The state as blobs, and a digest at the end. The form is our own: one JSON array of key, value, revisions and lease a line. */
function snapshot({ backend, user }: Call, outlet: Outlet): Session {
  const send = async (): Promise<void> => {
    backend.auth.requireAdmin(user);
    const lines = backend.store
      .range({ key: '\0', rangeEnd: '\0' })
      .kvs.map(({ key, value, createRevision, modRevision, version, lease }) =>
        JSON.stringify([btoa(key), btoa(bytesOfValue(value)), createRevision, modRevision, version, lease]),
      );
    const content = `${lines.join('\n')}\n`;
    const bytes = new TextEncoder().encode(content);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    for (let sent = 0; sent < content.length; sent += BLOB_BYTES) {
      const remaining = Math.max(0, content.length - sent - BLOB_BYTES);
      const blob = btoa(content.slice(sent, sent + BLOB_BYTES));
      outlet.send(message({ remaining_bytes: String(remaining), blob, version: CLUSTER_VERSION }));
    }
    outlet.send({ blob: btoa(String.fromCharCode(...digest)), version: CLUSTER_VERSION });
    outlet.end();
  };
  return {
    receive() {
      send().catch((error) => outlet.fail(error));
    },
    finish() {},
    close() {},
  };
}

export const MAINTENANCE: Record<string, Method> = {
  'maintenance/alarm': { request: messages.ALARM, answer: alarm },
  'maintenance/status': { request: messages.EMPTY, answer: status },
  'maintenance/defragment': {
    request: messages.EMPTY,
    answer({ backend, user }) {
      // SQLite reuses its free pages, and the platform's database can't be rewritten: nothing is left to do.
      backend.auth.requireAdmin(user);
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
    answer({ backend, user }, request) {
      backend.auth.requireAdmin(user);
      backend.members.moveLeader(id(request, 'targetID'));
      return {};
    },
  },
  'maintenance/downgrade': { request: messages.DOWNGRADE, answer: downgrade },
};
