/**
 * Has the objects of a resource written in the version that is stored now. Here they are in it already, so what is left is to say so: one
 * migration of a resource after the other. Source: k8s.io/kubernetes/pkg/controller/storageversionmigrator.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { type Condition, conditionOf, withCondition } from '../../objects/conditions.ts';
import type { StorageVersionMigration } from '../../objects/generated/storagemigration-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { groupResourceName } from '../../objects/status.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';

const MIGRATIONS = 'storageversionmigrations.storagemigration.k8s.io';
const REQUIRED_VERBS = ['update', 'patch', 'list'];
/** For so long a resource may be on its way into discovery. */
const DISCOVERY_MS = 60_000;

const isTrue = (migration: StorageVersionMigration, type: string): boolean =>
  conditionOf(migration, type)?.status === 'True';
const isOver = (migration: StorageVersionMigration): boolean =>
  isTrue(migration, 'Succeeded') || isTrue(migration, 'Failed');
const isRunning = (migration: StorageVersionMigration): boolean => isTrue(migration, 'Running');

const isOfSame = (one: StorageVersionMigration, other: StorageVersionMigration): boolean =>
  one.spec.resource.resource === other.spec.resource.resource &&
  (one.spec.resource.group ?? '') === (other.spec.resource.group ?? '');

/** `catalog`: the kinds that there are at the moment. */
export const storageVersionMigratorController = (catalog: () => Catalog): ClusterReconciler => ({
  name: 'storage-version-migrator-controller',
  manager: 'kube-controller-manager',
  reads: ['storageversionmigrations.storagemigration.k8s.io'],
  watches: [
    {
      resource: MIGRATIONS,
      // The next of the same resource may begin when one has ended.
      keys: ({ old, new: migration }, reader) => {
        const changed = (migration ?? old)!;
        const others = reader.list(MIGRATIONS).filter((other) => isOfSame(other, changed));
        return [...new Set([changed, ...others].map(({ metadata }) => metadata.name))];
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const migration = reader.get(MIGRATIONS, undefined, name);
    if (!migration) return { writes: [] };
    if (isOver(migration)) return { writes: isRunning(migration) ? [completed(migration, now)] : [] };
    if (!isRunning(migration)) {
      const siblings = reader.list(MIGRATIONS).filter((other) => isOfSame(other, migration) && !isOver(other));
      const isNext = !siblings.some(isRunning) && siblings.sort(oldestFirst)[0] === migration;
      return { writes: isNext ? [withConditions(migration, [running('The migration is running')], now)] : [] };
    }
    if (!migration.status?.resourceVersion) return begin(kindOf(catalog(), migration), migration, reader.revision, now);
    const objects = reader.list(groupResourceName(migration.spec.resource));
    const verified = objects.length > 0 ? `, ${objects.length} objects verified migrated` : '';
    const done = {
      type: 'Succeeded',
      status: 'True',
      reason: 'StorageVersionMigrationSucceeded',
      message: 'Migration completed',
    };
    return { writes: [withConditions(migration, [running(`The migration is running${verified}`), done], now)] };
  },
});

const oldestFirst = (a: StorageVersionMigration, b: StorageVersionMigration): number =>
  milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

type Finding = Omit<Condition, 'lastTransitionTime'>;

const running = (message: string): Finding => ({
  type: 'Running',
  status: 'True',
  reason: 'MigrationRunning',
  message,
});

function withConditions(migration: StorageVersionMigration, findings: Finding[], now: number): Write<KubeObject> {
  const lastTransitionTime = timestamp(now);
  const conditions = findings.reduce<Condition[]>(
    (list, finding) => withCondition(list, { ...finding, lastTransitionTime } as Condition),
    migration.status?.conditions ?? [],
  );
  return {
    verb: 'update',
    subresource: 'status',
    object: { ...migration, status: { ...migration.status, conditions } },
  };
}

const completed = (migration: StorageVersionMigration, now: number): Write<KubeObject> =>
  withConditions(
    migration,
    [{ type: 'Running', status: 'False', reason: 'MigrationCompleted', message: 'Migration completed' }],
    now,
  );

const kindOf = (catalog: Catalog, { spec }: StorageVersionMigration): Kind | undefined =>
  catalog.named(groupResourceName(spec.resource));

/** From which revision on objects are in the stored version. */
function begin(
  kind: Kind | undefined,
  migration: StorageVersionMigration,
  revision: number,
  now: number,
): ReconcileResult<KubeObject> {
  const failed = (message: string): ReconcileResult<KubeObject> => {
    const finding = { type: 'Failed', status: 'True', reason: 'StorageVersionMigrationFailed', message };
    return { writes: [withConditions(migration, [finding], now)] };
  };
  if (!kind) {
    const due = milliseconds(migration.metadata.creationTimestamp) + DISCOVERY_MS;
    return now < due ? { writes: [], requeueAt: due } : failed('resource does not exist in discovery');
  }
  if (!REQUIRED_VERBS.every((verb) => kind.verbs.includes(verb))) {
    const what = `"${kind.group}/${kind.version}, Resource=${kind.resource}"`;
    return failed(`resource ${what} does not support discovery operations: [${REQUIRED_VERBS.join(' ')}]`);
  }
  const status = { ...migration.status, resourceVersion: String(revision) };
  return { writes: [{ verb: 'update', subresource: 'status', object: { ...migration, status } }] };
}
