import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { storageVersionMigratorController } from './storage-version-migrator.ts';

const controller = storageVersionMigratorController(() => BUILT_IN);
const migration = (name: string, resource: object = { resource: 'pods' }, status: object = {}): KubeObject =>
  object('StorageVersionMigration', name, { spec: { resource }, status });
/** Its status after a reconcile of it among others. */
const after = (found: KubeObject, ...others: KubeObject[]): KubeObject => {
  const { name } = found.metadata;
  return written(reconciled(controller, name, [found, ...others]), `update StorageVersionMigration/status ${name}`);
};
const conditions = ({ status }: KubeObject): string[] =>
  status.conditions.map(({ type, status, reason }: Record<string, string>) => `${type} ${status} ${reason}`);

it('runs, says from which revision on, and is done', () => {
  const pod = object('Pod', 'p');
  const running = after(migration('m'));
  expect(conditions(running)).toEqual(['Running True MigrationRunning']);
  const begun = after(running, pod);
  expect(begun.status.resourceVersion).toBe('2');
  const done = after(begun, pod);
  expect(conditions(done)).toContain('Succeeded True StorageVersionMigrationSucceeded');
  expect(done.status.conditions[0].message).toBe('The migration is running, 1 objects verified migrated');
  const over = after(done);
  expect(conditions(over)).toContain('Running False MigrationCompleted');
  expect(lines(reconciled(controller, 'm', [over]))).toEqual([]);
});

it('runs one of a resource at a time, the oldest first', () => {
  const first = migration('z');
  const second = object('StorageVersionMigration', 'a', {
    ...migration('a'),
    metadata: { creationTimestamp: '2026-01-05T10:00:00Z' },
  });
  expect(lines(reconciled(controller, 'a', [first, second]))).toEqual([]);
  expect(lines(reconciled(controller, 'z', [first, second]))).toHaveLength(1);
  expect(lines(reconciled(controller, 'a', [after(first), second]))).toEqual([]);
  expect(keysOf(controller, { old: first, new: first }, [first, second])).toEqual(['z', 'a']);
});

it('fails for what cannot be migrated, and waits a minute for what is not known', () => {
  const status = { conditions: [{ type: 'Running', status: 'True' }] };
  const reviews = migration('m', { group: 'authorization.k8s.io', resource: 'subjectaccessreviews' }, status);
  expect(conditions(after(reviews))).toContain('Failed True StorageVersionMigrationFailed');
  const unknown = { ...migration('m', { group: 'example.com', resource: 'foos' }, status) };
  const fresh = { ...unknown, metadata: { ...unknown.metadata, creationTimestamp: '2026-01-05T10:00:00Z' } };
  expect(reconciled(controller, 'm', [fresh])).toEqual({ writes: [], requeueAt: NOW + 60 * SECOND });
  expect(conditions(after(unknown))).toContain('Failed True StorageVersionMigrationFailed');
});
