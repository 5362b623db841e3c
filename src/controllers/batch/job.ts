/**
 * Runs pods until enough of them have succeeded, or too many have failed. A finished pod is counted once: its finalizer comes off in
 * the same reconcile that counts it. Source: k8s.io/kubernetes/pkg/controller/job/job_controller.go.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { type Condition, conditionOf, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Job, JobStatus } from '../../objects/generated/batch-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { indexOf, indexSet } from '../../resources/batch/job-indexes.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { type Claim, claim, claimKeys, controllerOf, keyOf, parseKey } from '../owners.ts';
import { candidatesOf } from '../pod-groups.ts';
import { deletePod, isActive, isReady, isTerminating } from '../pods.ts';
import { countPods, countsAsFailure, isIndexed } from './job-count.ts';
import { isTracked, JOB_FINALIZER, untrack } from './job-pods.ts';
import { jobPod, nextCreation, surplusPods } from './job-replacement.ts';
import { deadlineOf, type Verdict, verdictOf } from './job-verdict.ts';

/** Pods made or deleted in one reconcile. */
export const MAX_PODS_PER_SYNC = 500;
const JOB = { kind: 'Job', resource: 'jobs.batch' } as const;
/** A key of a pod that nobody controls, to tell it from a Job's. */
const ORPHAN = 'orphan:';

export const jobController = (): ClusterReconciler => ({
  name: 'job-controller',
  manager: 'kube-controller-manager',
  reads: ['events', 'jobs.batch', 'pods'],
  watches: [
    { resource: 'jobs.batch', keys: ({ old, new: job }) => [keyOf((job ?? old) as Job)] },
    {
      resource: 'pods',
      keys: (change, reader) => {
        const keys = claimKeys(JOB, ({ spec }) => spec.selector, change, reader);
        const pod = change.new;
        const lost = pod && isTracked(pod) && !controllerOf(pod) && keys.length === 0;
        return lost ? [`${ORPHAN}${keyOf(pod)}`] : keys;
      },
    },
  ],
  reconcile(reader, key, { now, requeueAt }) {
    if (key.startsWith(ORPHAN)) return letGo(reader, key.slice(ORPHAN.length));
    const { namespace, name } = parseKey(key);
    const job = reader.get('jobs.batch', namespace, name);
    if (!job || isOver(job) || job.metadata.deletionTimestamp) {
      const left = (job ? candidatesOf(reader, job) : reader.list('pods', namespace)).filter((pod) => {
        const owner = controllerOf(pod);
        return isTracked(pod) && owner?.kind === 'Job' && (job ? owner.uid === job.metadata.uid : owner.name === name);
      });
      return { writes: left.map(untrack) };
    }
    if (job.spec.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller') return { writes: [] };
    const claimed = claim(job, job.spec.selector, candidatesOf(reader, job), JOB_FINALIZER);
    return new JobSync(reader, job, claimed, { now, requeueAt }).reconcile();
  },
});

/** A pod that no Job counts must not be held. */
function letGo(reader: View, key: string): ReconcileResult<KubeObject> {
  const { namespace, name } = parseKey(key);
  const pod = reader.get('pods', namespace, name);
  return { writes: pod && isTracked(pod) && !controllerOf(pod) ? [untrack(pod)] : [] };
}

const isOver = (job: Job): boolean => ['Complete', 'Failed'].some((type) => conditionOf(job, type)?.status === 'True');

class JobSync {
  private readonly reader: View;
  private readonly job: Job;
  private readonly pods: Pod[];
  private readonly now: number;
  private readonly writes: Write<KubeObject>[];
  private status: JobStatus;
  /** Pods that this reconcile has let go of. */
  private readonly untracked = new Set<Pod>();
  /** A pod that failed may be gone: the pause that its failure began goes on. */
  private readonly heldUntil: number;
  private dueAt: number | undefined;

  constructor(
    reader: View,
    job: Job,
    { claimed, writes }: Claim<Pod>,
    { now, requeueAt }: { now: number; requeueAt: number | undefined },
  ) {
    this.reader = reader;
    this.job = job;
    this.pods = claimed;
    this.now = now;
    this.status = { ...job.status };
    this.writes = writes;
    this.heldUntil = requeueAt !== undefined && requeueAt !== deadlineOf(job, this.status) ? requeueAt : 0;
  }

  reconcile(): ReconcileResult<KubeObject> {
    // The adopted are other objects after this: they are seen when they come back.
    if (this.writes.length > 0) return { writes: this.writes, requeueAt: this.now };
    const { status } = this;
    const suspended = Boolean(this.job.spec.suspend);
    if (!suspended && !status.startTime) status.startTime = timestamp(this.now);
    const active = this.pods.filter(isActive);
    const uncounted = this.count(active);
    const verdict = verdictOf(this.job, { status, uncounted, pods: this.pods, active }, this.now);
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

  /** Adds the newly finished pods to the counts and lets them go; answers how many failures are left for later. */
  private count(active: Pod[]): number {
    const { counts, counted, uncounted } = countPods(this.job, this.pods, active);
    Object.assign(this.status, counts);
    for (const pod of counted) this.untrack(pod);
    return uncounted;
  }

  private untrack(pod: Pod): void {
    this.untracked.add(pod);
    this.writes.push(untrack(pod));
  }

  /** The verdict is published, what still runs is stopped, and only then the job is over. */
  private finish(verdict: Verdict, active: Pod[]): void {
    this.setCondition(verdict.type, verdict.reason, verdict.message);
    // What has not ended by now has failed, unless the Job has succeeded without it.
    for (const pod of this.pods.filter((p) => isTracked(p) && !this.untracked.has(p))) {
      if (verdict.type === 'FailureTarget' && countsAsFailure(this.job, pod))
        this.status.failed = (this.status.failed ?? 0) + 1;
      this.untrack(pod);
    }
    for (const pod of active) this.remove(pod);
    if (active.length > 0 || this.pods.some(isTerminating)) return;
    const complete = verdict.type === 'SuccessCriteriaMet';
    this.setCondition(complete ? 'Complete' : 'Failed', verdict.reason, verdict.message);
    if (complete) this.status.completionTime = timestamp(this.now);
    if (complete && (this.status.succeeded ?? 0) > (this.job.spec.completions ?? Number.POSITIVE_INFINITY)) {
      this.event('TooManySucceededPods', 'Too many succeeded pods running after completion count reached', 'Warning');
    }
    if (complete) this.event('Completed', 'Job completed');
    else this.event(verdict.reason, verdict.message, 'Warning');
  }

  private suspend(active: Pod[]): void {
    for (const pod of active) this.discard(pod);
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

  private keepRunning(active: Pod[]): void {
    const { spec } = this.job;
    const parallelism: number = spec.parallelism ?? 1;
    const succeeded: number = this.status.succeeded ?? 0;
    const wanted =
      spec.completions == null
        ? succeeded > 0
          ? Math.min(active.length, parallelism)
          : parallelism
        : Math.min(parallelism, Math.max(0, spec.completions - succeeded - indexSet(this.status.failedIndexes).size));
    const surplus = surplusPods(this.job, active, Math.max(0, active.length - wanted), this.now);
    for (const pod of surplus.slice(0, MAX_PODS_PER_SYNC)) this.discard(pod);
    if (surplus.length > 0) return;
    const replacing = spec.podReplacementPolicy === 'Failed' ? this.pods.filter(isTerminating).length : 0;
    const missing = Math.min(wanted - active.length - replacing, MAX_PODS_PER_SYNC);
    if (missing <= 0) return;
    if (isIndexed(this.job)) this.createIndexes(this.freeIndexes(active), missing);
    else {
      const due = nextCreation(this.job, this.pods, this.heldUntil);
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
      const due = nextCreation(
        this.job,
        perIndex ? this.pods.filter((pod) => indexOf(pod) === index) : this.pods,
        this.heldUntil,
      );
      if (due > this.now) this.wake(due);
      else {
        this.create(index);
        left--;
      }
    }
  }

  private freeIndexes(active: Pod[]): number[] {
    const taken = indexSet(this.status.completedIndexes);
    for (const index of indexSet(this.status.failedIndexes)) taken.add(index);
    const waitsForEnd = this.job.spec.podReplacementPolicy === 'Failed';
    const holding = waitsForEnd ? [...active, ...this.pods.filter(isTerminating)] : active;
    for (const pod of holding) taken.add(indexOf(pod) ?? -1);
    const free: number[] = [];
    for (let i = 0; i < (this.job.spec.completions ?? 0); i++) if (!taken.has(i)) free.push(i);
    return free;
  }

  private create(index?: number): void {
    this.writes.push({
      verb: 'create',
      object: jobPod(this.job, this.pods, index),
      created: (made) => [this.record('SuccessfulCreate', `Created pod: ${made.metadata.name}`)],
      refused: (message) => [this.record('FailedCreate', `Error creating: ${message}`, 'Warning')],
    });
  }

  /** Takes away a pod that is too many: it counts neither as a success nor as a failure. */
  private discard(pod: Pod): void {
    if (isTracked(pod)) this.untrack(pod);
    this.remove(pod);
  }

  private remove(pod: Pod): void {
    const refused = (message: string): Write<KubeObject>[] => [
      this.record('FailedDelete', `Error deleting: ${message}`, 'Warning'),
    ];
    this.writes.push({ ...deletePod(pod), refused });
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
    if (sameData({ ...status, uncountedTerminatedPods: 0 }, { ...this.job.status, uncountedTerminatedPods: 0 })) {
      if (this.job.status?.uncountedTerminatedPods !== undefined) return;
    }
    this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.job, status } });
  }

  private setCondition(type: string, reason: string, message: string, value = 'True'): void {
    const at = timestamp(this.now);
    const condition: Condition = { type, status: value, lastProbeTime: at, lastTransitionTime: at, reason, message };
    const known = this.status.conditions?.find((c) => c.type === type);
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
