/** Whether a request to the API comes through to the store: there is an API server that takes it, and members that agree. */

import { EtcdError } from '../etcd/errors.ts';
import type { MembersConsensus } from '../etcd/members/consensus.ts';
import { UNSERVED } from './rpc.ts';
import type { Running } from './running.ts';

interface Refusal {
  error: { code: number; message: string };
}

/** Undefined, at once, while nothing is in the way; else it waits for the members as long as etcd lets a client wait. */
export function whyRefused(
  running: Running | undefined,
  kind: 'read' | 'write',
): Promise<Refusal | undefined> | Refusal | undefined {
  if (!running) return undefined;
  const { cluster, consensus } = running;
  if (!cluster.controlPlane.isServed) return { error: UNSERVED };
  return !consensus || consensus.isHealthy ? undefined : admitted(consensus, kind);
}

async function admitted(consensus: MembersConsensus, kind: 'read' | 'write'): Promise<Refusal | undefined> {
  try {
    await consensus.admit(kind);
    return undefined;
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
