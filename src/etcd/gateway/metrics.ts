/** `/metrics`, in Prometheus' text form and with etcd's names: those that are true of this store, all of them gauges. */
import type { GatewayBackend } from './backend.ts';

type Metric = [name: string, help: string, value: number, labels?: string];

export function metrics({ store, members }: GatewayBackend, versions: { server: string; cluster: string }): string {
  const size = store.sql.size();
  const keys = store.range({ key: '\0', rangeEnd: '\0', countOnly: true }).count;
  const all: Metric[] = [
    [
      'etcd_cluster_version',
      'The version of the cluster.',
      1,
      `cluster_version="${versions.cluster.replace(/\.\d+$/, '')}"`,
    ],
    ['etcd_debugging_mvcc_compact_revision', 'Up to here the past is compacted.', Math.max(0, store.compactRevision)],
    ['etcd_debugging_mvcc_current_revision', 'The revision of the last change.', store.revision],
    ['etcd_debugging_mvcc_keys_total', 'How many keys there are.', keys],
    ['etcd_mvcc_db_total_size_in_bytes', 'What the database takes.', size],
    ['etcd_mvcc_db_total_size_in_use_in_bytes', 'What of the database is in use.', size],
    ['etcd_server_has_leader', 'Whether there is a leader.', 1],
    ['etcd_server_id', "This member's id, in hexadecimal.", 1, `server_id="${BigInt(members.memberId).toString(16)}"`],
    ['etcd_server_is_leader', 'Whether this member leads.', 1],
    ['etcd_server_is_learner', 'Whether this member only learns.', 0],
    ['etcd_server_quota_backend_bytes', 'What the database may take.', store.quotaBytes || DEFAULT_QUOTA_BYTES],
    ['etcd_server_version', 'The version of this member.', 1, `server_version="${versions.server}"`],
  ];
  return all
    .map(([name, help, value, labels]) => {
      const series = labels ? `${name}{${labels}}` : name;
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${series} ${value}\n`;
    })
    .join('');
}

/** What etcd says of a store that has no quota of its own. */
export const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;
