import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CRON_JOBS = '/apis/batch/v1/namespaces/default/cronjobs';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';

const cron = (spec: object, command: string[]) => ({
  metadata: { name: 'c' },
  spec: {
    schedule: '* * * * *',
    jobTemplate: {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'app', command }] } } },
    },
    ...spec,
  },
});

async function eventsOf(sandbox: Sandbox): Promise<string[]> {
  const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
  return items
    .filter((event: any) => event.involvedObject.kind === 'CronJob')
    .map((event: any) => `${event.type} ${event.reason}: ${event.message}`);
}

describe('a CronJob', () => {
  it('that missed over a hundred starts says so, and starts one', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', CRON_JOBS, cron({ suspend: true }, ['true']));
    sandbox.advance(3 * 3_600_000);
    await sandbox.request('PATCH', `${CRON_JOBS}/c`, { spec: { suspend: false } });
    sandbox.advance(5_000);
    expect((await sandbox.request('GET', JOBS)).items).toHaveLength(1);
    expect(await eventsOf(sandbox)).toContain(
      'Warning TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    );
  });

  it('starts nothing that it is too late for', async () => {
    const sandbox = createSandbox(1);
    const body = cron({ schedule: '0 * * * *', startingDeadlineSeconds: 3000, suspend: true }, ['true']);
    await sandbox.request('POST', CRON_JOBS, body);
    // Between the start at 11:00 and now lies more than the deadline: nothing is due, and nothing was missed within it.
    sandbox.advance(3_600_000 + 3_100_000);
    await sandbox.request('PATCH', `${CRON_JOBS}/c`, { spec: { suspend: false } });
    sandbox.advance(0);
    expect((await sandbox.request('GET', JOBS)).items).toEqual([]);
  });

  it('says what becomes of its Jobs', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', CRON_JOBS, cron({ concurrencyPolicy: 'Forbid' }, ['sleep', '99']));
    sandbox.advance(60_000);
    const { active, lastScheduleTime } = (await sandbox.request('GET', `${CRON_JOBS}/c`)).status;
    expect(active).toMatchObject([{ kind: 'Job', apiVersion: 'batch/v1', namespace: 'default', name: 'c-29460121' }]);
    expect(active[0].resourceVersion).toBeDefined();
    expect(lastScheduleTime).toBe('2026-01-05T10:01:00Z');
    sandbox.advance(60_000);
    await sandbox.request('DELETE', `${JOBS}/c-29460121?propagationPolicy=Background`);
    sandbox.advance(30_000);
    expect(await eventsOf(sandbox)).toEqual([
      'Normal SuccessfulCreate: Created job c-29460121',
      'Normal JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
      'Normal MissingJob: Active job went missing: c-29460121',
      'Normal SuccessfulCreate: Created job c-29460122',
    ]);
    expect(sandbox.errors).toEqual([]);
  });

  it('says when a Job has ended, and of one that it did not make', async () => {
    const sandbox = createSandbox(1);
    const made = await sandbox.request('POST', CRON_JOBS, cron({ schedule: '1 * * * *' }, ['true']));
    sandbox.advance(61_000);
    expect(await eventsOf(sandbox)).toContain(
      'Normal SawCompletedJob: Saw completed job: c-29460121, condition: Complete',
    );
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'c', uid: made.metadata.uid, controller: true };
    const stray = cron({}, ['sleep', '99']).spec.jobTemplate.spec;
    await sandbox.request('POST', JOBS, { metadata: { name: 'stray', ownerReferences: [owner] }, spec: stray });
    sandbox.advance(0);
    expect(await eventsOf(sandbox)).toContain(
      'Warning UnexpectedJob: Saw a job that the controller did not create or forgot: stray',
    );
  });

  it('marks a Job with its start in the zone of the schedule', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', CRON_JOBS, cron({ timeZone: 'Asia/Kolkata' }, ['true']));
    sandbox.advance(61_000);
    const [job] = (await sandbox.request('GET', JOBS)).items;
    expect(job.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-05T15:31:00+05:30',
    });
  });

  it('says that its schedule names no time', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', CRON_JOBS, cron({ schedule: '59 23 31 2 *' }, ['true']));
    sandbox.advance(0);
    expect(await eventsOf(sandbox)).toEqual([
      'Warning InvalidSchedule: invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
    ]);
  });
});
