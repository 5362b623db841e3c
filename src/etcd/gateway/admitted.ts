/** Which requests several members must agree on, before they are answered. */
import { flag, type GatewayBackend } from './backend.ts';
import type { Message } from './proto-json.ts';

type Kind = 'write' | 'read';

/** Status, snapshots and the members as one knows them are answered by any member alone. */
const ALONE = new Set(['maintenance/status', 'maintenance/hash', 'maintenance/hashkv', 'maintenance/defragment']);
const READS = new Set(['lease/timetolive', 'lease/leases']);
/** These begin requests of their own. */
const CHANGES = new Set([
  'cluster/member/add',
  'cluster/member/remove',
  'cluster/member/update',
  'cluster/member/promote',
  'maintenance/transfer-leadership',
]);

function kindOf(name: string, message: Message): Kind | undefined {
  if (ALONE.has(name) || CHANGES.has(name)) return undefined;
  if (name === 'kv/range') return flag(message, 'serializable') ? undefined : 'read';
  if (name === 'cluster/member/list') return flag(message, 'linearizable') ? 'read' : undefined;
  return READS.has(name) ? 'read' : 'write';
}

/** Waits until the members can agree. @throws EtcdError when a client has waited enough */
export async function admitted({ consensus }: GatewayBackend, name: string, message: Message): Promise<void> {
  const kind = consensus && kindOf(name, message);
  if (kind) await consensus.admit(kind);
}
