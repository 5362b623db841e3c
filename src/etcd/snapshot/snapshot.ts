/**
 * A cluster's store as the file that etcd itself would save: `etcdutl snapshot status` reads it, and a real etcd goes on from it.
 * What can't be taken along is the users' passwords, which are digests of another kind. Source: etcd's server/storage/schema.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { AuthState, PermissionType } from '../auth-state.ts';
import type { GatewayBackend } from '../gateway/backend.ts';
import type { Log } from '../log.ts';
import { type BoltFile, type Bucket, layOut, smallBucket } from './bolt-file.ts';
import type { LeafEntry } from './bolt-page.ts';
import { bigEndian, bytesOf, changeKey, logBucket } from './log-entries.ts';

const PERMISSION_NUMBERS: Record<PermissionType, number> = { READ: 0, WRITE: 1, READWRITE: 2 };
const ALARM_NUMBERS = { NOSPACE: 1, CORRUPT: 2 };
const encoder = new TextEncoder();
const json = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** `version` is that of the cluster, `3.7.0`. */
export function snapshotFile(log: Log, backend: GatewayBackend, version: string): Promise<BoltFile> {
  return layOut([
    logBucket(log, log.revision),
    smallBucket('meta', metaEntries(log, backend, version)),
    smallBucket('lease', leaseEntries(backend)),
    smallBucket('alarm', alarmEntries(backend)),
    smallBucket('cluster', clusterEntries(backend, version)),
    smallBucket('members', memberEntries(backend)),
    smallBucket('members_removed', []),
    ...authBuckets(backend.auth.state),
  ]);
}

function metaEntries(log: Log, { members, store }: GatewayBackend, version: string): LeafEntry[] {
  const compacted = log.compactRevision;
  const voters = members.list().filter((member) => !member.isLearner);
  // Go would read ids of members as numbers that JavaScript can't hold, so this text is put together by hand.
  const confState = `{"voters":[${voters.map((member) => member.id)}],"auto_leave":false}`;
  const entries: LeafEntry[] = [
    { key: 'consistent_index', value: bytesOf(bigEndian(store.revision + 3)) },
    { key: 'term', value: bytesOf(bigEndian(members.term)) },
    { key: 'confState', value: encoder.encode(confState) },
    { key: 'storageVersion', value: encoder.encode(version) },
  ];
  if (compacted <= 0) return entries;
  const value = bytesOf(changeKey(compacted, 0, false));
  return [...entries, { key: 'scheduledCompactRev', value }, { key: 'finishedCompactRev', value }];
}

function leaseEntries({ store }: GatewayBackend): LeafEntry[] {
  return store.leases().map((id) => {
    const writer = new BinaryWriter().tag(1, 0).int64(id).tag(2, 0).int64(store.lease(id)!.ttl);
    return { key: bigEndian(BigInt(id)), value: writer.finish() };
  });
}

function alarmEntries({ members }: GatewayBackend): LeafEntry[] {
  return members.alarms().map(({ memberId, type }) => {
    const writer = new BinaryWriter().tag(1, 0).uint64(memberId).tag(2, 0).int32(ALARM_NUMBERS[type]);
    return { key: String.fromCharCode(...writer.finish()), value: new Uint8Array() };
  });
}

function clusterEntries({ members }: GatewayBackend, version: string): LeafEntry[] {
  const target = members.downgradeTarget;
  return [
    { key: 'clusterVersion', value: encoder.encode(version) },
    { key: 'downgrade', value: json({ 'target-version': target, enabled: target !== '' }) },
  ];
}

function memberEntries({ members }: GatewayBackend): LeafEntry[] {
  return members.list().map(({ id, name, peerURLs, clientURLs, isLearner }) => {
    const rest = JSON.stringify({ peerURLs, ...(isLearner ? { isLearner } : {}), name, clientURLs }).slice(1);
    return { key: BigInt(id).toString(16), value: encoder.encode(`{"id":${id},${rest}`) };
  });
}

function authBuckets(state: AuthState): Bucket[] {
  const users = Object.entries(state.users).map(([name, user]): LeafEntry => {
    const writer = new BinaryWriter().tag(1, 2).string(name);
    for (const role of user.roles) writer.tag(3, 2).string(role);
    writer.tag(4, 2).fork();
    if (user.password === null) writer.tag(1, 0).bool(true);
    writer.join();
    return { key: byteString(name), value: writer.finish() };
  });
  const roles = Object.entries(state.roles).map(([name, permissions]): LeafEntry => {
    const writer = new BinaryWriter().tag(1, 2).string(name);
    for (const { type, key, rangeEnd } of permissions) {
      writer.tag(2, 2).fork();
      if (PERMISSION_NUMBERS[type] > 0) writer.tag(1, 0).int32(PERMISSION_NUMBERS[type]);
      writer.tag(2, 2).bytes(bytesOf(key));
      if (rangeEnd !== '') writer.tag(3, 2).bytes(bytesOf(rangeEnd));
      writer.join();
    }
    return { key: byteString(name), value: writer.finish() };
  });
  const auth: LeafEntry[] = [
    { key: 'authEnabled', value: Uint8Array.of(state.enabled ? 1 : 0) },
    { key: 'authRevision', value: bytesOf(bigEndian(state.revision)) },
  ];
  return [smallBucket('auth', auth), smallBucket('authUsers', users), smallBucket('authRoles', roles)];
}

const byteString = (text: string): string => String.fromCharCode(...encoder.encode(text));
