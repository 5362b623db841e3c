/** The API server of one cluster, for a request that has been let in. */

import { type Gate, tokenAuthority } from '../apiserver/gate.ts';
import type { Identity } from '../apiserver/identity/authentication.ts';
import { type ApiServer, createApiServer } from '../apiserver/server.ts';
import { pastStorage } from '../apiserver/storage/past-storage.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import { type Assets, proseOf } from './assets.ts';
import type { RemoteStorage } from './remote-storage.ts';
import type { Entry } from './rpc.ts';

/** What is known of a request once it may be served. */
export interface Admitted {
  id: string;
  identity: Identity;
  /** The path within the cluster; one of its past begins with `/at/REVISION`. */
  pathname: string;
  /** Where a client reaches the cluster, https and without a slash at its end. */
  address: string;
}

const PAST = /^\/at\/(\d+)(\/.*)$/s;

/** The path as the API has it. */
export const apiPath = (pathname: string): string => PAST.exec(pathname)?.[2] ?? pathname;

export function serverOf(
  { pathname, address }: Admitted,
  entry: Entry,
  storage: RemoteStorage,
  { gate, assets, callWebhook }: { gate: Gate; assets: Assets; callWebhook: CallWebhook },
): ApiServer {
  const past = PAST.exec(pathname);
  return createApiServer({
    storage: past ? pastStorage(storage, Math.min(Number(past[1]), Number.MAX_SAFE_INTEGER)) : storage,
    config: entry.config,
    tokens: tokenAuthority(gate),
    now: gate.now,
    address,
    callWebhook,
    // In what a cluster was, nothing runs.
    ...(past ? {} : { pods: storage }),
    flows: entry.flows,
    ...(entry.config.audit ? { audit: (event: string) => storage.audit(event) } : {}),
    ...(entry.behaviours ? { behaviours: entry.behaviours } : {}),
    prose: proseOf(assets),
  });
}

/** A request's URL with the path that the API server reads. */
export function innerUrl(url: URL, pathname: string): URL {
  const inner = new URL(url);
  inner.pathname = apiPath(pathname);
  return inner;
}
