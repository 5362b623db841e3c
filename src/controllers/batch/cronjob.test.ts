import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { lines, object, ownedBy, reconciled, written } from '../test-view.ts';
import { cronJobController } from './cronjob.ts';

const controller = cronJobController();
const MINUTE = 60_000;
/** Five past ten: the schedule is every five minutes. */
const DUE = Date.parse('2026-01-05T10:05:00Z');
const NAME = `c-${DUE / MINUTE}`;
const cron = (spec: object = {}, status: object = {}): KubeObject =>
  object('CronJob', 'c', {
    metadata: { creationTimestamp: '2026-01-05T10:01:00Z' },
    spec: {
      schedule: '*/5 * * * *',
      jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { parallelism: 1 } },
      ...spec,
    },
    status,
  });
const job = (name: string, status: object = {}): KubeObject =>
  object('Job', name, { metadata: { ownerReferences: ownedBy(cron()) }, status });
const over = (name: string, type: string, startTime: string) =>
  job(name, { startTime, completionTime: startTime, conditions: [{ type, status: 'True' }] });
const at = (now: number, ...objects: KubeObject[]) => reconciled(controller, 'ns/c', objects, { now });
const active = (name: string) => ({ active: [{ name, uid: `Job/${name}` }] });

it('makes a Job when it is time, and looks again at the next time', () => {
  expect(at(DUE - 1, cron())).toEqual({ writes: [], requeueAt: expect.any(Number) });
  const result = at(DUE, cron());
  expect(lines(result)).toEqual([`create Job ${NAME}`]);
  expect(result.requeueAt).toBeGreaterThanOrEqual(DUE + 5 * MINUTE);
  expect(result.requeueAt).toBeLessThan(DUE + 5 * MINUTE + 1000);
  const made = written(result, `create Job ${NAME}`);
  expect(made.metadata).toMatchObject({
    labels: { a: 'b' },
    annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-05T10:05:00Z' },
    ownerReferences: ownedBy(cron()),
  });
  const [create] = result.writes;
  const created =
    create!.verb === 'create' ? create!.created!({ ...made, metadata: { ...made.metadata, uid: 'u' } }) : [];
  expect(lines({ writes: created })).toEqual([
    `event SuccessfulCreate: Created job ${NAME}`,
    'update CronJob/status c',
  ]);
  expect(written({ writes: created }, 'update CronJob/status c').status).toMatchObject({
    active: [{ name: NAME, uid: 'u' }],
    lastScheduleTime: '2026-01-05T10:05:00Z',
  });
});

it('makes none while it is suspended, nor twice for one time', () => {
  expect(lines(at(DUE, cron({ suspend: true })))).toEqual([]);
  expect(lines(at(DUE, cron({}, { lastScheduleTime: '2026-01-05T10:05:00Z' })))).toEqual([]);
});

it('does with a Job that still runs what its policy says', () => {
  const status = active('before');
  const running = job('before');
  expect(lines(at(DUE, cron({ concurrencyPolicy: 'Allow' }, status), running))).toEqual([`create Job ${NAME}`]);
  expect(lines(at(DUE, cron({ concurrencyPolicy: 'Forbid' }, status), running))).toEqual([
    'event JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
  ]);
  expect(lines(at(DUE, cron({ concurrencyPolicy: 'Replace' }, status), running))).toEqual([
    'delete jobs.batch before',
    'event SuccessfulDelete: Deleted job before',
    'update CronJob/status c',
    `create Job ${NAME}`,
  ]);
});

it('misses what is past its deadline', () => {
  const late = cron({ startingDeadlineSeconds: 30 });
  expect(lines(at(DUE + 29_999, late))).toEqual([`create Job ${NAME}`]);
  expect(lines(at(DUE + 30_000, late))).not.toContain(`create Job ${NAME}`);
});

it('follows its Jobs to their end', () => {
  const done = over('before', 'Complete', '2026-01-05T10:02:00Z');
  const result = at(DUE - MINUTE, cron({}, active('before')), done);
  expect(lines(result)).toEqual([
    'event SawCompletedJob: Saw completed job: before, condition: Complete',
    'update CronJob/status c',
  ]);
  expect(written(result, 'update CronJob/status c').status).toEqual({ lastSuccessfulTime: '2026-01-05T10:02:00Z' });
  expect(lines(at(DUE - MINUTE, cron({}, active('gone'))))).toEqual([
    'event MissingJob: Active job went missing: gone',
    'update CronJob/status c',
  ]);
});

it('keeps as many ended Jobs as it is to, the youngest', () => {
  const jobs = ['10:01', '10:02', '10:03'].flatMap((time, i) => [
    over(`good-${i}`, 'Complete', `2026-01-05T${time}:00Z`),
    over(`bad-${i}`, 'Failed', `2026-01-05T${time}:00Z`),
  ]);
  const limits = { successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0 };
  const deleted = (spec: object) =>
    lines(at(DUE - MINUTE, cron(spec), ...jobs)).filter((line) => line.startsWith('delete'));
  expect(deleted(limits)).toEqual(['good-0', 'bad-0', 'bad-1', 'bad-2'].map((name) => `delete jobs.batch ${name}`));
  expect(deleted({})).toEqual(['bad-0', 'bad-1'].map((name) => `delete jobs.batch ${name}`));
});

it.each([
  [{ schedule: '* *' }, /^event UnparseableSchedule: unparseable schedule: "\* \*" : /],
  [{ timeZone: 'Nowhere/Land' }, /^event UnknownTimeZone: invalid timeZone: "Nowhere\/Land"/],
])('says what is wrong with %j', (spec, text) => {
  expect(lines(at(DUE, cron(spec)))).toEqual([expect.stringMatching(text)]);
});
