/** The gateway's Lease service. */
import {
  type Answer,
  type Call,
  flag,
  type GatewayBackend,
  header,
  id,
  type Method,
  type Outlet,
  type Session,
} from './backend.ts';
import * as messages from './messages.ts';
import { type Message, message } from './proto-json.ts';

/** A positive int64 that no lease has. */
export function newLeaseId(backend: GatewayBackend): string {
  for (;;) {
    let bits = 0n;
    for (const byte of backend.randomBytes(8)) bits = (bits << 8n) | BigInt(byte);
    const candidate = bits & 0x7fffffffffffffffn;
    if (candidate !== 0n && !backend.store.lease(String(candidate))) return String(candidate);
  }
}

function grant({ backend }: Call, request: Message): Answer {
  const wanted = id(request, 'ID');
  const ttl = BigInt(id(request, 'TTL'));
  const lease = backend.store.grantLease(
    wanted === '0' ? newLeaseId(backend) : wanted,
    // Beyond what a number holds it is too large in any case.
    Number(ttl),
    backend.now(),
  );
  backend.leasesChanged?.();
  return message({ header: header(backend), ID: lease.id, TTL: String(lease.ttl) });
}

function revoke({ backend, user }: Call, request: Message): Answer {
  backend.auth.requireLease(user, id(request, 'ID'));
  backend.store.revokeLease(id(request, 'ID'));
  backend.leasesChanged?.();
  return { header: header(backend) };
}

function timeToLive({ backend, user }: Call, request: Message): Answer {
  backend.auth.requireUser(user);
  const lease = backend.store.lease(id(request, 'ID'));
  if (!lease) return message({ header: header(backend), ID: id(request, 'ID'), TTL: '-1' });
  const keys = flag(request, 'keys') ? backend.store.leaseKeys(lease.id) : [];
  for (const key of keys) backend.auth.requireRead(user, key, undefined);
  return message({
    header: header(backend),
    ID: lease.id,
    TTL: String(Math.trunc((lease.expires - backend.now()) / 1000)),
    grantedTTL: String(lease.ttl),
    keys: keys.map((key) => btoa(key)),
  });
}

function leases({ backend, user }: Call): Answer {
  backend.auth.requireUser(user);
  return message({ header: header(backend), leases: backend.store.leases().map((lease) => ({ ID: lease })) });
}

/** One answer for each message, until the client has sent its last. */
function keepAlive({ backend }: Call, outlet: Outlet): Session {
  return {
    receive(request) {
      const lease = backend.store.keepLeaseAlive(id(request, 'ID'), backend.now());
      if (lease) backend.leasesChanged?.();
      outlet.send(
        message({ header: header(backend), ID: id(request, 'ID'), TTL: lease ? String(lease.ttl) : undefined }),
      );
    },
    finish: () => outlet.end(),
    close() {},
  };
}

export const LEASE: Record<string, Method> = {
  'lease/grant': { request: messages.LEASE_GRANT, answer: grant },
  'lease/revoke': { request: messages.LEASE_ID, answer: revoke },
  'kv/lease/revoke': { request: messages.LEASE_ID, answer: revoke },
  'lease/keepalive': { request: messages.LEASE_ID, open: keepAlive },
  'lease/timetolive': { request: messages.LEASE_TIME_TO_LIVE, answer: timeToLive },
  'kv/lease/timetolive': { request: messages.LEASE_TIME_TO_LIVE, answer: timeToLive },
  'lease/leases': { request: messages.EMPTY, answer: leases },
  'kv/lease/leases': { request: messages.EMPTY, answer: leases },
};
