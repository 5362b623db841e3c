/**
 * Runs pods until enough of them have succeeded, or too many have failed. A finished pod is counted once: its finalizer comes off in
 * the same reconcile that counts it. Source: k8s.io/kubernetes/pkg/controller/job/job_controller.go.
 */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, ReconcileResult, Reconciler, Write } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { recordEvent } from './events.ts';
import { formatIndexes, INDEX_KEY, indexOf, parseIndexes } from './job-indexes.ts';
import { addIndex, finishedAt, INDEX_FAILURES, indexFailures, rulingOf } from './job-pods.ts';
import { deadlineOf, type Verdict, verdictOf } from './job-verdict.ts';
import { controllerKeys, controllerOf, keyOf, parseKey } from './owners.ts';
import {
  type Condition,
  conditionOf,
  deletePod,
  isActive,
  isFinished,
  isReady,
  isTerminating,
  podFromTemplate,
  withCondition,
} from './pods.ts';
import { timestamp } from './time.ts';

const FINALIZER = 'batch.kubernetes.io/job-tracking';
/** A failed pod is replaced after 10 s, the next one after 20 s, up to ten minutes. */
const BACKOFF_BASE_MS = 10_000;
const BACKOFF_LIMIT_MS = 600_000;

export const jobController = (): Reconciler<KubeObject> => ({
  name: 'job-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: 'jobs.batch', keys: ({ old, new: job }) => [keyOf((job ?? old) as KubeObject)] },
    { resource: 'pods', keys: (change) => controllerKeys('Job', change) },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const job = reader.get('jobs.batch', namespace, name);
    const pods = reader.list('pods', namespace).filter((pod) => {
      const owner = controllerOf(pod);
      return owner?.kind === 'Job' && (job ? owner.uid === job.metadata.uid : owner.name === name);
    });
    if (!job || isOver(job) || job.metadata.deletionTimestamp) return { writes: pods.filter(isTracked).map(untrack) };
    if (job.spec.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller') return { writes: [] };
    return new JobSync(reader, job, pods, now).reconcile();
  },
});

const isOver = (job: KubeObject): boolean =>
  ['Complete', 'Failed'].some((type) => conditionOf(job, type)?.status === 'True');
const isTracked = (pod: KubeObject): boolean => pod.metadata.finalizers?.includes(FINALIZER) ?? false;

function untrack(pod: KubeObject): Write<KubeObject> {
  const finalizers = pod.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
  return { verb: 'update', object: { ...pod, metadata: { ...pod.metadata, finalizers } } };
}

class JobSync {
  private readonly reader: Reader<KubeObject>;
  private readonly job: KubeObject;
  private readonly pods: KubeObject[];
  private readonly now: number;
  private readonly writes: Write<KubeObject>[] = [];
  private status: Record<string, any>;
  private dueAt: number | undefined;

  constructor(reader: Reader<KubeObject>, job: KubeObject, pods: KubeObject[], now: number) {
    this.reader = reader;
    this.job = job;
    this.pods = pods;
    this.now = now;
    this.status = { ...job.status };
  }

  reconcile(): ReconcileResult<KubeObject> {
    const { status } = this;
    const suspended = Boolean(this.job.spec.suspend);
    if (!suspended && !status.startTime) status.startTime = timestamp(this.now);
    this.count();
    const active = this.pods.filter(isActive);
    const verdict = verdictOf(this.job, status, this.pods, active, this.now);
    const deadline = deadlineOf(this.job, status);
    if (deadline !== undefined && !verdict) this.wake(deadline);
    if (verdict) this.finish(verdict, active);
    else if (suspended) this.suspend(active);
    else {
      this.resume();
      this.keepRunning(active);
    }
    this.publish();
    return { writes: this.writes, ...(this.dueAt === undefined ? {} : { requeueAt: this.dueAt }) };
  }

  private get isIndexed(): boolean {
    return this.job.spec.completionMode === 'Indexed';
  }

  /** Adds the newly finished pods to the counts and lets them go. */
  private count(): void {
    const { status } = this;
    const completed = parseIndexes(status.completedIndexes);
    const failed = parseIndexes(status.failedIndexes);
    const { podFailurePolicy, backoffLimitPerIndex } = this.job.spec;
    let succeeded: number = status.succeeded ?? 0;
    for (const pod of this.pods) {
      if (!isTracked(pod) || !isFinished(pod)) continue;
      const index = indexOf(pod);
      if (pod.status.phase === 'Failed') {
        const { action } = rulingOf(podFailurePolicy, pod);
        if (action !== 'Ignore') status.failed = (status.failed ?? 0) + 1;
        const exhausted = action === 'FailIndex' || indexFailures(podFailurePolicy, pod) > backoffLimitPerIndex;
        if (backoffLimitPerIndex != null && exhausted && this.isIndexInRange(index)) failed.add(index!);
      } else if (!this.isIndexed) succeeded++;
      else if (this.isIndexInRange(index)) completed.add(index!);
      this.writes.push(untrack(pod));
    }
    if (this.isIndexed) {
      succeeded = completed.size;
      if (completed.size > 0) status.completedIndexes = formatIndexes(completed);
    }
    if (backoffLimitPerIndex != null) status.failedIndexes = formatIndexes(failed);
    if (succeeded > 0) status.succeeded = succeeded;
  }

  private isIndexInRange(index: number | undefined): boolean {
    return index !== undefined && index < (this.job.spec.completions ?? 0);
  }

  /** The verdict is published, what still runs is stopped, and only then the job is over. */
  private finish(verdict: Verdict, active: KubeObject[]): void {
    this.setCondition(verdict.type, verdict.reason, verdict.message);
    for (const pod of active) this.remove(pod);
    if (active.length > 0 || this.pods.some(isTerminating)) return;
    const complete = verdict.type === 'SuccessCriteriaMet';
    this.setCondition(complete ? 'Complete' : 'Failed', verdict.reason, verdict.message);
    if (complete) this.status.completionTime = timestamp(this.now);
    if (complete) this.event('Completed', 'Job completed');
    else this.event(verdict.reason, verdict.message, 'Warning');
  }

  private suspend(active: KubeObject[]): void {
    for (const pod of active) this.remove(pod);
    if (conditionOf(this.job, 'Suspended')?.status === 'True') return;
    delete this.status.startTime;
    this.setCondition('Suspended', 'JobSuspended', 'Job suspended');
    this.event('Suspended', 'Job suspended');
  }

  private resume(): void {
    if (conditionOf(this.job, 'Suspended')?.status !== 'True') return;
    this.status.startTime = timestamp(this.now);
    this.setCondition('Suspended', 'JobResumed', 'Job resumed', 'False');
    this.event('Resumed', 'Job resumed');
  }

  private keepRunning(active: KubeObject[]): void {
    const { spec } = this.job;
    const parallelism: number = spec.parallelism ?? 1;
    const succeeded: number = this.status.succeeded ?? 0;
    const wanted =
      spec.completions == null
        ? succeeded > 0
          ? Math.min(active.length, parallelism)
          : parallelism
        : Math.min(
            parallelism,
            Math.max(0, spec.completions - succeeded - parseIndexes(this.status.failedIndexes).size),
          );
    for (const pod of active.slice(wanted)) this.remove(pod);
    const replacing = spec.podReplacementPolicy === 'Failed' ? this.pods.filter(isTerminating).length : 0;
    const missing = wanted - active.length - replacing;
    if (missing <= 0) return;
    if (this.isIndexed) this.createIndexes(this.freeIndexes(active), missing);
    else {
      const due = nextCreation(this.pods);
      if (due > this.now) this.wake(due);
      else for (let i = 0; i < missing; i++) this.create();
    }
  }

  /** With a limit for each index, each backs off by itself. */
  private createIndexes(free: number[], missing: number): void {
    const perIndex = this.job.spec.backoffLimitPerIndex != null;
    let left = missing;
    for (const index of free) {
      if (left === 0) return;
      const due = nextCreation(perIndex ? this.pods.filter((pod) => indexOf(pod) === index) : this.pods);
      if (due > this.now) this.wake(due);
      else {
        this.create(index);
        left--;
      }
    }
  }

  private freeIndexes(active: KubeObject[]): number[] {
    const taken = parseIndexes(this.status.completedIndexes);
    for (const index of parseIndexes(this.status.failedIndexes)) taken.add(index);
    for (const pod of active) taken.add(indexOf(pod) ?? -1);
    const free: number[] = [];
    for (let i = 0; i < (this.job.spec.completions ?? 0); i++) if (!taken.has(i)) free.push(i);
    return free;
  }

  private create(index?: number): void {
    const pod = podFromTemplate(this.job.spec.template, this.job);
    pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), FINALIZER];
    if (index !== undefined) {
      pod.metadata.generateName = `${this.job.metadata.name}-${index}-`;
      pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX_KEY]: String(index) };
      pod.metadata.labels = { ...pod.metadata.labels, [INDEX_KEY]: String(index) };
      if (this.job.spec.backoffLimitPerIndex != null)
        pod.metadata.annotations[INDEX_FAILURES] = String(this.failuresOf(index));
      pod.spec.hostname = `${this.job.metadata.name}-${index}`;
      for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) addIndex(container);
    }
    this.writes.push({
      verb: 'create',
      object: pod,
      created: (made) => [this.record('SuccessfulCreate', `Created pod: ${made.metadata.name}`)],
      refused: (message) => [this.record('FailedCreate', `Error creating: ${message}`, 'Warning')],
    });
  }

  private failuresOf(index: number): number {
    const failed = this.pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === 'Failed');
    return Math.max(0, ...failed.map((pod) => indexFailures(this.job.spec.podFailurePolicy, pod)));
  }

  private remove(pod: KubeObject): void {
    this.writes.push(deletePod(pod));
    this.event('SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  private publish(): void {
    const { status } = this;
    // Pods made or deleted just now are counted by the reconcile that they bring about.
    const active = this.pods.filter(isActive);
    if (active.length > 0) status.active = active.length;
    else delete status.active;
    status.ready = active.filter(isReady).length;
    status.terminating = this.pods.filter(isTerminating).length;
    status.uncountedTerminatedPods = {};
    if (sameJson({ ...status, uncountedTerminatedPods: 0 }, { ...this.job.status, uncountedTerminatedPods: 0 })) {
      if (this.job.status?.uncountedTerminatedPods !== undefined) return;
    }
    this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.job, status } });
  }

  private setCondition(type: string, reason: string, message: string, value = 'True'): void {
    const at = timestamp(this.now);
    const condition: Condition = { type, status: value, lastProbeTime: at, lastTransitionTime: at, reason, message };
    const known = (this.status.conditions as Condition[] | undefined)?.find((c) => c.type === type);
    if (known?.status === value) return;
    this.status.conditions = withCondition(this.status.conditions, condition);
  }

  private event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.writes.push(this.record(reason, message, type));
  }

  private record(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): Write<KubeObject> {
    return recordEvent(this.reader, this.job, { component: 'job-controller' }, { type, reason, message }, this.now);
  }

  private wake(at: number): void {
    this.dueAt = Math.min(this.dueAt ?? at, at);
  }
}

/** When failures in a row allow the next pod. */
function nextCreation(pods: KubeObject[]): number {
  const ended = pods.filter(isFinished).map((pod) => ({ failed: pod.status.phase === 'Failed', at: finishedAt(pod) }));
  const lastSuccess = Math.max(0, ...ended.filter((e) => !e.failed).map((e) => e.at));
  const failures = ended.filter((e) => e.failed && e.at > lastSuccess);
  if (failures.length === 0) return 0;
  const delay = Math.min(BACKOFF_LIMIT_MS, BACKOFF_BASE_MS * 2 ** (failures.length - 1));
  return Math.max(...failures.map((e) => e.at)) + delay;
}
