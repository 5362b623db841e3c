/** What an API server writes when it lets etcd forget. Source: k8s.io/apiserver/pkg/storage/etcd3/compact.go. */
import type { Storage } from './storage.ts';

/** The key by which the API servers of a cluster agree on who compacts, and up to which revision. */
const COMPACTED = 'compact_rev_key';

/**
 * A real API server writes the mark every five minutes, so what is read after a token has died is of a later revision than the token,
 * though nobody else wrote. Here it is written when that is looked at, and only if nothing else has come since.
 */
export async function markCompaction(storage: Storage, compacted: number, current: number): Promise<void> {
  if (storage.isReadOnly || compacted !== current) return;
  const put = { key: COMPACTED, value: String(compacted) };
  await storage.propose({ ranges: [], compare: [], steps: [[{ put }]] });
}
