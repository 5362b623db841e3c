/** Makes Jobs on a schedule. Source: k8s.io/kubernetes/pkg/controller/cronjob/cronjob_controllerv2.go. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { conditionOf } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { CronJob, CronJobStatus, Job } from '../../objects/generated/batch-v1.gen.ts';
import type { ObjectReference } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { unversioned } from '../../objects/unversioned.ts';
import { type CronSchedule, parseSchedule } from '../../resources/batch/cron-schedule.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { controllerKeys, controllerReference, isControlledBy, keyOf, parseKey } from '../owners.ts';
import { type Due, dueStart } from './cronjob-missed.ts';
import { isZone, zonedTimestamp, zoneOffset } from './cronjob-times.ts';

const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
export const cronJobController = (): ClusterReconciler => ({
  name: 'cronjob-controller',
  manager: 'kube-controller-manager',
  reads: ['cronjobs.batch', 'events', 'jobs.batch'],
  watches: [
    { resource: 'cronjobs.batch', keys: ({ new: cron }) => (cron ? [keyOf(cron)] : []) },
    { resource: 'jobs.batch', keys: (change) => controllerKeys('CronJob', change) },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const cron = reader.get('cronjobs.batch', namespace, name);
    return cron ? new CronJobSync(reader, cron, now).reconcile() : { writes: [] };
  },
});

const TOO_MANY_MISSED =
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';

const unsupported = (schedule: string): string =>
  `CRON_TZ or TZ used in schedule "${schedule}" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;

/** As Go's RFC1123Z prints an instant. */
const rfc1123 = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');

/** Jobs that have not started come last. */
const startOf = (job: Job): number => milliseconds(job.status?.startTime) || Number.MAX_SAFE_INTEGER;

const endOf = (job: Job): string | undefined =>
  ['Complete', 'Failed'].find((type) => conditionOf(job, type)?.status === 'True');

class CronJobSync {
  private readonly reader: View;
  private readonly cron: CronJob;
  private readonly now: number;
  private readonly jobs: Job[];
  private readonly status: CronJobStatus;
  private readonly writes: Write<KubeObject>[] = [];

  constructor(reader: View, cron: CronJob, now: number) {
    this.reader = reader;
    this.cron = cron;
    this.now = now;
    this.status = { ...cron.status };
    this.jobs = reader.list('jobs.batch', cron.metadata.namespace).filter((job) => isControlledBy(job, cron));
  }

  reconcile(): ReconcileResult<KubeObject> {
    this.cleanUp('Complete', this.cron.spec.successfulJobsHistoryLimit ?? 3);
    this.cleanUp('Failed', this.cron.spec.failedJobsHistoryLimit ?? 1);
    this.follow();
    const start = this.cron.metadata.deletionTimestamp ? undefined : this.schedule();
    if (!sameData(this.status, this.cron.status)) this.writes.push(this.statusWrite());
    if (start?.at !== undefined) this.start(start.at);
    return { writes: this.writes, ...(start?.next === undefined ? {} : { requeueAt: start.next }) };
  }

  private get active(): ObjectReference[] {
    return this.status.active ?? [];
  }

  private setActive(active: ObjectReference[]): void {
    if (active.length === 0) delete this.status.active;
    else this.status.active = active;
  }

  /** What has ended since, what is gone, and what nobody knew of. */
  private follow(): void {
    for (const job of this.jobs) {
      const { uid, name } = job.metadata;
      const isKnown = this.active.some((reference) => reference.uid === uid);
      const end = endOf(job);
      if (!end) {
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        if (!isKnown) this.event('UnexpectedJob', message, 'Warning');
        continue;
      }
      if (isKnown) {
        this.setActive(this.active.filter((reference) => reference.uid !== uid));
        this.event('SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`);
      }
      const at = job.status?.completionTime;
      if (end === 'Complete' && at && milliseconds(at) > milliseconds(this.status.lastSuccessfulTime))
        this.status.lastSuccessfulTime = at;
    }
    for (const reference of this.active) {
      if (this.jobs.some((job) => job.metadata.uid === reference.uid)) continue;
      this.event('MissingJob', `Active job went missing: ${reference.name}`);
      this.setActive(this.active.filter((other) => other !== reference));
    }
  }

  /** What is to be started now, and when to look again; undefined: nothing and never. */
  private schedule(): { at?: number; next: number | undefined } | undefined {
    const { spec, status } = this.cron;
    const zone: string | undefined = spec.timeZone ?? undefined;
    if (zone !== undefined && !isZone(zone)) {
      this.event('UnknownTimeZone', `invalid timeZone: "${zone}": unknown time zone ${zone}`, 'Warning');
      return undefined;
    }
    if (spec.suspend) return undefined;
    if (spec.schedule.includes('TZ')) this.event('UnsupportedSchedule', unsupported(spec.schedule), 'Warning');
    let schedule: CronSchedule;
    try {
      schedule = parseSchedule(spec.schedule);
    } catch (error) {
      const message = `unparseable schedule: "${spec.schedule}" : ${(error as Error).message}`;
      this.event('UnparseableSchedule', message, 'Warning');
      return undefined;
    }
    let due: Due;
    try {
      due = dueStart(this.cron, schedule, zoneOffset(zone), this.now);
    } catch (error) {
      this.event('InvalidSchedule', `invalid schedule: ${spec.schedule} : ${(error as Error).message}`, 'Warning');
      return undefined;
    }
    const { start, next } = due;
    if (start === undefined) return { next };
    if (due.tooMany) this.event('TooManyMissedTimes', TOO_MANY_MISSED, 'Warning');
    const deadline: number | undefined = spec.startingDeadlineSeconds;
    if (deadline != null && start + deadline * 1000 < this.now) {
      this.event('MissSchedule', `Missed scheduled time to start a job: ${rfc1123(start)}`, 'Warning');
      return { next };
    }
    const isDone = status?.lastScheduleTime !== undefined && milliseconds(status.lastScheduleTime) === start;
    if (isDone || this.active.some(({ name }) => name === this.jobName(start))) return { next };
    if (spec.concurrencyPolicy === 'Forbid' && this.active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.event('JobAlreadyActive', message);
      return { next };
    }
    if (spec.concurrencyPolicy === 'Replace')
      for (const { uid } of this.active) {
        const running = this.jobs.find((job) => job.metadata.uid === uid);
        if (running) this.remove(running);
      }
    return { at: start, next };
  }

  private jobName(at: number): string {
    return `${this.cron.metadata.name}-${Math.floor(at / 60_000)}`;
  }

  private start(at: number): void {
    const { spec, metadata } = this.cron;
    const name = this.jobName(at);
    const known = this.reader.get('jobs.batch', metadata.namespace, name);
    if (known) {
      // It was made before and forgotten, or it is somebody else's.
      if (isControlledBy(known, this.cron)) this.writes.push(this.started(known, at));
      return;
    }
    const template = spec.jobTemplate;
    const annotations = {
      ...template.metadata?.annotations,
      [SCHEDULED]: zonedTimestamp(at, zoneOffset(spec.timeZone)),
    };
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace: metadata.namespace as string,
        labels: { ...template.metadata?.labels },
        annotations,
        ownerReferences: [controllerReference(this.cron)],
      },
      // As it is: a write makes its own copy.
      spec: template.spec,
      status: {},
    };
    this.writes.push({
      verb: 'create',
      object: job,
      created: (made) => [this.record('SuccessfulCreate', `Created job ${name}`), this.started(made as Job, at)],
      refused: (message) => [this.record('FailedCreate', `Error creating job: ${message}`, 'Warning')],
    });
  }

  private started(job: Job, at: number): Write<KubeObject> {
    this.setActive([...this.active, referenceTo(job)]);
    this.status.lastScheduleTime = timestamp(at);
    return this.statusWrite();
  }

  /** It may be written twice in one reconcile. */
  private statusWrite(): Write<KubeObject> {
    const object = { ...unversioned(this.cron), status: { ...this.status } };
    return { verb: 'update', subresource: 'status', object };
  }

  private cleanUp(end: string, limit: number): void {
    const ended = this.jobs
      .filter((job) => endOf(job) === end && !job.metadata.deletionTimestamp)
      .sort((a, b) => startOf(a) - startOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) this.remove(job);
  }

  private remove(job: Job): void {
    this.writes.push({
      verb: 'delete',
      resource: 'jobs.batch',
      namespace: job.metadata.namespace as string,
      name: job.metadata.name,
      propagationPolicy: 'Background',
      refused: (message) => [this.record('FailedDelete', `Deleted job: ${message}`, 'Warning')],
    });
    this.setActive(this.active.filter((reference) => reference.uid !== job.metadata.uid));
    this.event('SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  }

  private event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.writes.push(this.record(reason, message, type));
  }

  private record(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): Write<KubeObject> {
    return recordEvent(
      this.reader,
      this.cron,
      { component: 'cronjob-controller' },
      { type, reason, message },
      this.now,
    );
  }
}

const referenceTo = (job: Job): Record<string, string | undefined> => ({
  kind: 'Job',
  namespace: job.metadata.namespace,
  name: job.metadata.name,
  uid: job.metadata.uid,
  apiVersion: 'batch/v1',
  resourceVersion: job.metadata.resourceVersion,
});
