import { expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import { applied, lines, NOW, object, reconciled, SECOND } from '../test-view.ts';
import { jobController, MAX_PODS_PER_SYNC } from './job.ts';
import { BACKOFF_LIMIT_MS, nextCreation } from './job-replacement.ts';
import { DEFAULT_BACKOFF_LIMIT } from './job-verdict.ts';

const controller = jobController();
const LABELS = { 'batch.kubernetes.io/controller-uid': 'Job/j' };
const job = (spec: object = {}): KubeObject =>
  object('Job', 'j', {
    metadata: { creationTimestamp: '2026-01-05T10:00:00Z' },
    spec: {
      parallelism: 2,
      completions: 3,
      backoffLimit: 1,
      completionMode: 'NonIndexed',
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] } },
      ...spec,
    },
    status: {},
  });
const step = (objects: KubeObject[], now = NOW): KubeObject[] =>
  applied(objects, reconciled(controller, 'ns/j', objects, { now }));
const jobIn = (objects: KubeObject[]): KubeObject => objects.find(({ kind }) => kind === 'Job')!;
const podsIn = (objects: KubeObject[]): KubeObject[] => objects.filter(({ kind }) => kind === 'Pod');
/** All pods that run, with their containers ended so. */
const ended = (objects: KubeObject[], phase: string): KubeObject[] =>
  objects.map((found) => (found.kind === 'Pod' && !found.status.phase ? { ...found, status: { phase } } : found));
const conditions = (objects: KubeObject[]): string[] =>
  (jobIn(objects).status.conditions ?? []).map((c: LooseObject) => `${c.type} ${c.status} ${c.reason}`);

it('runs pods until enough of them have succeeded', () => {
  let objects = step([job()]);
  expect(podsIn(objects)).toHaveLength(2);
  expect(podsIn(objects)[0]!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
  objects = step(ended(objects, 'Succeeded'));
  expect(jobIn(objects).status).toMatchObject({ succeeded: 2, startTime: '2026-01-05T10:00:00Z' });
  // What is counted is let go.
  expect(podsIn(objects).filter(({ metadata }) => metadata.finalizers?.length)).toHaveLength(1);
  expect(podsIn(objects)).toHaveLength(3);
  objects = step(ended(objects, 'Succeeded'));
  expect(conditions(objects)).toEqual([
    'SuccessCriteriaMet True CompletionsReached',
    'Complete True CompletionsReached',
  ]);
  expect(jobIn(objects).status.completionTime).toBe('2026-01-05T10:00:00Z');
  expect(lines(reconciled(controller, 'ns/j', objects))).toEqual([]);
});

it('makes a failed pod anew after a pause, and gives up beyond its limit', () => {
  let objects = step(ended(step([job({ parallelism: 1 })]), 'Failed'));
  expect(jobIn(objects).status.failed).toBe(1);
  const { requeueAt } = reconciled(controller, 'ns/j', objects);
  expect(requeueAt).toBeGreaterThan(NOW);
  expect(podsIn(objects)).toHaveLength(1);
  objects = step(objects, requeueAt);
  expect(podsIn(objects)).toHaveLength(2);
  objects = step(ended(objects, 'Failed'), requeueAt);
  expect(conditions(objects)).toEqual(['FailureTarget True BackoffLimitExceeded', 'Failed True BackoffLimitExceeded']);
});

it('ends what runs for too long', () => {
  const objects = step([job({ activeDeadlineSeconds: 30 })]);
  expect(reconciled(controller, 'ns/j', objects).requeueAt).toBe(NOW + 30 * SECOND);
  const late = step(objects, NOW + 30 * SECOND);
  expect(conditions(late)).toEqual(['FailureTarget True DeadlineExceeded']);
  expect(podsIn(late)).toEqual([]);
  expect(conditions(step(late, NOW + 31 * SECOND))).toContain('Failed True DeadlineExceeded');
});

it('takes its pods away while it is suspended, and goes on', () => {
  const objects = step([job()]).map((o) => (o.kind === 'Job' ? { ...o, spec: { ...o.spec, suspend: true } } : o));
  const suspended = step(objects);
  expect(podsIn(suspended)).toEqual([]);
  expect(conditions(suspended)).toEqual(['Suspended True JobSuspended']);
  const resumed = step(suspended.map((o) => ({ ...o, spec: { ...o.spec, suspend: false } })));
  expect(podsIn(resumed)).toHaveLength(2);
  expect(conditions(resumed)).toEqual(['Suspended False JobResumed']);
});

it('gives each pod an index of its own where it is indexed', () => {
  const objects = step([job({ completionMode: 'Indexed' })]);
  const index = ({ metadata }: KubeObject) => metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  expect(podsIn(objects).map(index)).toEqual(['0', '1']);
  const next = step(ended(objects, 'Succeeded'));
  expect(jobIn(next).status.completedIndexes).toBe('0,1');
  expect(podsIn(next).map(index)).toEqual(['0', '1', '2']);
});

it('lets pods go whose Job is gone', () => {
  const [, pod] = step([job({ parallelism: 1 })]);
  expect(lines(reconciled(controller, 'ns/j', [pod!]))).toEqual([`update Pod ${pod!.metadata.name}`]);
  const orphan = { ...pod!, metadata: { ...pod!.metadata, ownerReferences: [] } };
  expect(lines(reconciled(controller, `orphan:ns/${orphan.metadata.name}`, [orphan]))).toEqual([
    `update Pod ${pod!.metadata.name}`,
  ]);
});

it('makes only so many pods in one go', () => {
  expect(podsIn(step([job({ parallelism: MAX_PODS_PER_SYNC, completions: 1000 })]))).toHaveLength(MAX_PODS_PER_SYNC);
  expect(podsIn(step([job({ parallelism: MAX_PODS_PER_SYNC + 1, completions: 1000 })]))).toHaveLength(
    MAX_PODS_PER_SYNC,
  );
});

it('waits longer after each failure in a row, up to ten minutes', () => {
  const failed = (count: number): KubeObject[] =>
    Array.from({ length: count }, (_, i) =>
      object('Pod', `p${i}`, {
        metadata: { creationTimestamp: '2026-01-05T10:00:00Z' },
        spec: { containers: [] },
        status: { phase: 'Failed' },
      }),
    );
  expect(nextCreation(job(), failed(1), 0)).toBe(NOW + 10 * SECOND);
  expect(nextCreation(job(), failed(6), 0)).toBe(NOW + 320 * SECOND);
  expect(nextCreation(job(), failed(7), 0)).toBe(NOW + BACKOFF_LIMIT_MS);
  expect(nextCreation(job(), failed(8), 0)).toBe(NOW + BACKOFF_LIMIT_MS);
});

it('allows as many failures as the API’s default where it says nothing', () => {
  const { backoffLimit: _, ...spec } = job().spec;
  const after = (failures: number): string[] => conditions(step([{ ...job(), spec, status: { failed: failures } }]));
  expect(after(DEFAULT_BACKOFF_LIMIT)).toEqual([]);
  expect(after(DEFAULT_BACKOFF_LIMIT + 1)).toContain('FailureTarget True BackoffLimitExceeded');
});
