/** Makes Jobs on a schedule. Source: k8s.io/kubernetes/pkg/controller/cronjob/cronjob_controllerv2.go. */
import { type CronSchedule, parseSchedule } from '../resources/cron-schedule.ts';
import type { KubeObject } from '../resources/object.ts';
import type { Reader, ReconcileResult, Reconciler, Write } from '../simulation/reconciler.ts';
import { nextTime, zoneOffset } from './cron-schedule.ts';
import { sameJson } from './equality.ts';
import { recordEvent } from './events.ts';
import { controllerKeys, controllerReference, isControlledBy, keyOf, parseKey } from './owners.ts';
import { conditionOf } from './pods.ts';
import { milliseconds, timestamp } from './time.ts';

const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Starts that were missed; beyond these the controller only looks at the last. */
const MAX_MISSED = 100;
const MAX_NAME = 52;

export const cronJobController = (): Reconciler<KubeObject> => ({
  name: 'cronjob-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: 'cronjobs.batch', keys: ({ new: cron }) => (cron ? [keyOf(cron)] : []) },
    { resource: 'jobs.batch', keys: (change) => controllerKeys('CronJob', change) },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const cron = reader.get('cronjobs.batch', namespace, name);
    return cron && !cron.metadata.deletionTimestamp ? new CronJobSync(reader, cron, now).reconcile() : { writes: [] };
  },
});

const endOf = (job: KubeObject): string | undefined =>
  ['Complete', 'Failed'].find((type) => conditionOf(job, type)?.status === 'True');

class CronJobSync {
  private readonly reader: Reader<KubeObject>;
  private readonly cron: KubeObject;
  private readonly now: number;
  private readonly jobs: KubeObject[];
  private readonly status: Record<string, any>;
  private readonly writes: Write<KubeObject>[] = [];

  constructor(reader: Reader<KubeObject>, cron: KubeObject, now: number) {
    this.reader = reader;
    this.cron = cron;
    this.now = now;
    this.status = { ...cron.status };
    this.jobs = reader.list('jobs.batch', cron.metadata.namespace).filter((job) => isControlledBy(job, cron));
  }

  reconcile(): ReconcileResult<KubeObject> {
    this.follow();
    const requeueAt = this.cron.spec.suspend ? undefined : this.schedule();
    this.cleanUp('Complete', this.cron.spec.successfulJobsHistoryLimit ?? 3);
    this.cleanUp('Failed', this.cron.spec.failedJobsHistoryLimit ?? 1);
    if (!sameJson(this.status, this.cron.status)) {
      this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.cron, status: this.status } });
    }
    return { writes: this.writes, ...(requeueAt === undefined ? {} : { requeueAt }) };
  }

  /** The list of what runs, and what has ended since. */
  private follow(): void {
    const known: { uid: string }[] = this.status.active ?? [];
    for (const job of this.jobs) {
      const end = endOf(job);
      if (!end || !known.some((reference) => reference.uid === job.metadata.uid)) continue;
      this.event('SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end}`);
      const at = job.status?.completionTime;
      if (end === 'Complete' && at && milliseconds(at) > milliseconds(this.status.lastSuccessfulTime)) {
        this.status.lastSuccessfulTime = at;
      }
    }
    this.setActive(this.jobs.filter((job) => !endOf(job)));
  }

  private setActive(jobs: KubeObject[]): void {
    if (jobs.length === 0) delete this.status.active;
    else this.status.active = jobs.map(referenceTo);
  }

  /** Starts what is due; answers when to look again. */
  private schedule(): number | undefined {
    const { spec, metadata, status } = this.cron;
    let schedule: CronSchedule;
    try {
      schedule = parseSchedule(spec.schedule);
    } catch (error) {
      this.event('UnparseableSchedule', `unparseable schedule: ${(error as Error).message}`, 'Warning');
      return undefined;
    }
    const offset = zoneOffset(spec.timeZone);
    const next = nextTime(schedule, this.now, offset);
    const deadline: number | undefined = spec.startingDeadlineSeconds;
    const since = Math.max(
      milliseconds(status?.lastScheduleTime ?? metadata.creationTimestamp),
      deadline === undefined ? 0 : this.now - deadline * 1000,
    );
    let due: number | undefined;
    let at = nextTime(schedule, since, offset);
    for (let missed = 0; at !== undefined && at <= this.now; missed++) {
      due = at;
      at = nextTime(schedule, missed < MAX_MISSED ? at : this.now - 60_000, offset);
      if (missed > MAX_MISSED) break;
    }
    if (due !== undefined) this.start(due);
    return next;
  }

  private start(at: number): void {
    const { spec, metadata } = this.cron;
    const running = this.jobs.filter((job) => !endOf(job));
    const name = `${metadata.name.slice(0, MAX_NAME)}-${Math.floor(at / 60_000)}`;
    if (this.jobs.some((job) => job.metadata.name === name)) return;
    if (spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
      this.event(
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
      return;
    }
    if (spec.concurrencyPolicy === 'Replace') for (const job of running) this.remove(job);
    const template = spec.jobTemplate;
    const job: KubeObject = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace: metadata.namespace as string,
        labels: { ...template.metadata?.labels },
        annotations: { ...template.metadata?.annotations, [SCHEDULED]: timestamp(at) },
        ownerReferences: [controllerReference(this.cron)],
      },
      spec: structuredClone(template.spec),
      status: {},
    };
    this.status.lastScheduleTime = timestamp(at);
    this.writes.push({
      verb: 'create',
      object: job,
      created: () => [this.record('SuccessfulCreate', `Created job ${name}`)],
      refused: (message) => [this.record('FailedCreate', `Error creating job: ${message}`, 'Warning')],
    });
  }

  private cleanUp(end: string, limit: number): void {
    const ended = this.jobs
      .filter((job) => endOf(job) === end && !job.metadata.deletionTimestamp)
      .sort((a, b) => milliseconds(a.status?.startTime) - milliseconds(b.status?.startTime));
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) this.remove(job);
  }

  private remove(job: KubeObject): void {
    this.writes.push({
      verb: 'delete',
      resource: 'jobs.batch',
      namespace: job.metadata.namespace as string,
      name: job.metadata.name,
      propagationPolicy: 'Background',
    });
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

const referenceTo = (job: KubeObject): Record<string, string | undefined> => ({
  kind: 'Job',
  namespace: job.metadata.namespace,
  name: job.metadata.name,
  uid: job.metadata.uid,
  apiVersion: 'batch/v1',
  resourceVersion: job.metadata.resourceVersion,
});
