/**
 * Keeps a workload's size within its autoscaler's bounds, and within them at what its metrics ask for, where the cluster has metrics. The
 * real controller looks every 15 seconds and remembers what it has seen; here it looks when something changes, and what must last for a
 * while before it is followed has a key of its own, whose instant the queue keeps. Models pkg/controller/podautoscaler/horizontal.go.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import { type ClusterReconciler, watchEach } from '../../objects/cluster-reconciler.ts';
import type { HorizontalPodAutoscaler } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import type { BehaviourOf } from '../../resources/core/pod/behaviour.ts';
import { METRICS_API } from '../../resources/metrics/metrics-server.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { API_SERVICES } from '../control-plane/apiservice-availability.ts';
import { keyOf, parseKey } from '../owners.ts';
import type { MetricFailure } from './autoscaler-metrics-errors.ts';
import { AutoscalerReport } from './autoscaler-report.ts';
import { metricsServed, nextLook, type Proposals, proposalsOf } from './metric-proposals.ts';
import { type Direction, type Step, stabilizationOf, stepTo } from './pace.ts';
import { AUTOSCALERS, podsOf, SCALED, type Scaled, selectorProblem, targetOf } from './scale-target.ts';

/** Where there are metrics, the keys of those who wait besides. */
const withWaits = (keys: string[], reader: View): string[] =>
  keys.length > 0 && metricsServed(reader) ? keys.flatMap((key) => [key, `${key} up`, `${key} down`]) : keys;

/** `catalog`: the kinds that may be scaled, at the moment; `behaviourOf`: what programs use. */
export const horizontalPodAutoscalerController = (
  catalog: () => Catalog,
  behaviourOf: BehaviourOf,
): ClusterReconciler => ({
  name: 'horizontal-pod-autoscaler-controller',
  manager: 'kube-controller-manager',
  reads: [
    'apiservices.apiregistration.k8s.io',
    'deployments.apps',
    'events',
    'horizontalpodautoscalers.autoscaling',
    'pods',
    'replicasets.apps',
    'replicationcontrollers',
    'statefulsets.apps',
  ],
  watches: [
    { resource: AUTOSCALERS, keys: ({ new: hpa }, reader) => (hpa ? withWaits([keyOf(hpa)], reader) : []) },
    {
      resource: API_SERVICES,
      keys: ({ new: service }, reader) =>
        service?.metadata.name === METRICS_API ? withWaits(reader.list(AUTOSCALERS).map(keyOf), reader) : [],
    },
    {
      resource: 'pods',
      keys: ({ old, new: pod }, reader) => {
        const here = reader.list(AUTOSCALERS, (pod ?? old)!.metadata.namespace);
        return here.length > 0 && metricsServed(reader) ? withWaits(here.map(keyOf), reader) : [];
      },
    },
    ...watchEach(SCALED, ({ old, new: target }, reader) => {
      if (old && target && old.spec.replicas === target.spec.replicas) return [];
      const { namespace, name } = (target ?? old)!.metadata;
      const autoscalers = reader.list(AUTOSCALERS, namespace).filter((hpa) => hpa.spec.scaleTargetRef.name === name);
      return withWaits(autoscalers.map(keyOf), reader);
    }),
  ],
  reconcile(reader, key, { now, requeueAt }) {
    const [path = '', waits] = key.split(' ');
    const { namespace, name } = parseKey(path);
    const hpa = reader.get(AUTOSCALERS, namespace, name);
    if (!hpa || hpa.metadata.deletionTimestamp) return { writes: [] };
    const autoscaling = new Autoscaling({ catalog: catalog(), behaviourOf, reader, hpa, now });
    return waits ? autoscaling.wait(waits as Direction, requeueAt) : autoscaling.reconcile();
  },
});

interface Given {
  catalog: Catalog;
  behaviourOf: BehaviourOf;
  reader: View;
  hpa: HorizontalPodAutoscaler;
  now: number;
}

/** One reconcile of one autoscaler. */
class Autoscaling {
  private readonly given: Given;
  private readonly reader: View;
  private readonly hpa: HorizontalPodAutoscaler;
  private readonly now: number;
  private readonly report: AutoscalerReport;

  constructor(given: Given) {
    this.given = given;
    this.reader = given.reader;
    this.hpa = given.hpa;
    this.now = given.now;
    this.report = new AutoscalerReport(given.reader, given.hpa, given.now);
  }

  reconcile(): ReconcileResult<KubeObject> {
    const { target, problem } = targetOf(this.given.catalog, this.reader, this.hpa);
    if (!target) return this.withoutTarget(problem);
    const got = "the HPA controller was able to get the target's current scale";
    this.report.set('AbleToScale', 'True', 'SucceededGetScale', got);
    const current: number = target.spec.replicas ?? 1;
    const minimum: number = this.hpa.spec.minReplicas ?? 1;
    if (current === 0 && !this.mayLeaveZero(minimum)) {
      const why = 'scaling is disabled since the replica count of the target is zero';
      this.report.set('ScalingActive', 'False', 'ScalingDisabled', why);
      return this.report.publish({ current, desired: 0, metrics: null });
    }
    const desired = current === 0 ? current : Math.min(Math.max(current, minimum), this.hpa.spec.maxReplicas);
    if (desired === current) return this.compute(target, current);
    const side = current > desired ? 'above Spec.MaxReplicas' : 'below Spec.MinReplicas';
    return this.rescale(target, { current, desired, reason: `Current number of replicas ${side}`, metrics: null });
  }

  /** Follows what has been recommended in this direction for as long as it must be. `until`: when that is, as far as was known. */
  wait(direction: Direction, until: number | undefined): ReconcileResult<KubeObject> {
    const { target } = targetOf(this.given.catalog, this.reader, this.hpa);
    const current = target?.spec.replicas ?? 1;
    const window = stabilizationOf(this.hpa, direction);
    if (!target || current === 0 || window === 0 || selectorProblem(this.given, target)) return { writes: [] };
    const { minReplicas, maxReplicas } = this.hpa.spec;
    if (current > maxReplicas || current < (minReplicas ?? 1)) return { writes: [] };
    const { wanted, statuses } = this.proposals(target, current);
    if (!wanted || (direction === 'up' ? wanted.replicas <= current : wanted.replicas >= current))
      return { writes: [] };
    const step = stepTo(this.hpa, current, wanted.replicas, this.now);
    if (step.replicas === current && step.again === undefined) return { writes: [] };
    const due = until ?? this.now + window;
    if (due > this.now) return { writes: [], requeueAt: due };
    if (step.replicas === current) return { writes: [], requeueAt: Math.max(step.again!, this.now + 1) };
    this.limited(step);
    const result = this.rescale(target, {
      current,
      desired: step.replicas,
      reason: reasonOf(wanted, current),
      metrics: statuses,
    });
    return { ...result, ...(step.again === undefined ? {} : { requeueAt: step.again }) };
  }

  private proposals(target: Scaled, current: number): Proposals {
    const { hpa, reader, now } = this;
    return proposalsOf({
      reader,
      hpa,
      pods: podsOf(this.reader, target),
      current,
      behaviourOf: this.given.behaviourOf,
      now,
    });
  }

  private limited({ limited, reason, message }: Step): void {
    this.report.set('ScalingLimited', limited ? 'True' : 'False', reason, message);
  }

  private withoutTarget(problem: string): ReconcileResult<KubeObject> {
    this.report.event('FailedGetScale', problem);
    const why = `the HPA controller was unable to get the target's current scale: ${problem}`;
    this.report.set('AbleToScale', 'False', 'FailedGetScale', why);
    const {
      currentReplicas: current = 0,
      desiredReplicas: desired = 0,
      currentMetrics: metrics,
    } = this.hpa.status ?? {};
    return this.report.publish({
      current,
      desired,
      metrics: metrics ?? null,
      observed: this.hpa.status?.observedGeneration,
    });
  }

  /** It was scaled to nothing by an autoscaler, which knows of something else than pods to count by. */
  private mayLeaveZero(minimum: number): boolean {
    const scaledToZero = this.report.condition('ScaledToZero')?.status === 'True';
    const others = (this.hpa.spec.metrics ?? []).some(({ type }) => type === 'Object' || type === 'External');
    return scaledToZero && (minimum !== 0 || others);
  }

  private rescale(target: Scaled, { current, desired, reason, metrics }: Rescale): ReconcileResult<KubeObject> {
    const done = `the HPA controller was able to update the target scale to ${desired}`;
    this.report.writes.push({
      verb: 'update',
      subresource: 'scale',
      object: { ...target, spec: { ...target.spec, replicas: desired } },
      refused: (why) => this.notRescaled(current, `New size: ${desired}; reason: ${reason}`, why),
    });
    this.report.set('AbleToScale', 'True', 'SucceededRescale', done);
    this.report.set(
      'ScaledToZero',
      'False',
      'NotScaledToZero',
      'the HPA controller did not scale the workload to zero',
    );
    this.report.event('SuccessfulRescale', `New size: ${desired}; reason: ${reason}`, 'Normal');
    return this.report.publish({ current, desired, metrics, scaledAt: timestamp(this.now) });
  }

  /** The scale stays what it is, and so does what was wanted of it. */
  private notRescaled(current: number, what: string, why: string): Write<KubeObject>[] {
    const failed = new Autoscaling(this.given);
    failed.report.event('FailedRescale', `${what}; error: ${why}`);
    const text = `the HPA controller was unable to update the target scale: ${why}`;
    failed.report.set('AbleToScale', 'False', 'FailedUpdateScale', text);
    const desired: number = this.hpa.status?.desiredReplicas ?? 0;
    failed.report.publish({ current, desired, metrics: null });
    return failed.report.writes;
  }

  /** How many pods the metrics ask for. */
  private compute(target: Scaled, current: number): ReconcileResult<KubeObject> {
    const problem = this.selectorProblem(target);
    const proposals = problem ? undefined : this.proposals(target, current);
    const requeue = this.nextLook(target);
    if (proposals?.wanted) {
      const result = this.follow(target, current, proposals, proposals.wanted);
      const ends = [result.requeueAt, requeue.requeueAt].filter((at) => at !== undefined);
      return { ...result, ...(ends.length > 0 ? { requeueAt: Math.min(...ends) } : {}) };
    }
    const error = problem ?? this.failed(proposals!.failures);
    const desired: number = this.hpa.status?.desiredReplicas ?? 0;
    const result = this.report.publish({ current, desired, metrics: proposals?.statuses ?? null });
    // After the status, as the real one; nothing new: it is not counted up every 15 seconds as there.
    if (result.writes.length > 0) this.report.event('FailedComputeMetricsReplicas', error.summary);
    return { ...result, ...requeue };
  }

  private nextLook(target: Scaled): { requeueAt?: number } {
    const at = metricsServed(this.reader) ? nextLook(podsOf(this.reader, target), this.now) : undefined;
    return at === undefined ? {} : { requeueAt: at };
  }

  private follow(
    target: Scaled,
    current: number,
    { failures, statuses }: Proposals,
    wanted: NonNullable<Proposals['wanted']>,
  ): ReconcileResult<KubeObject> {
    for (const { reason, error } of failures) this.report.event(reason, error);
    const found = `the HPA was able to successfully calculate a replica count from ${wanted.name}`;
    this.report.set('ScalingActive', 'True', 'ValidMetricFound', found);
    const direction = wanted.replicas < current ? 'down' : 'up';
    const step = stepTo(this.hpa, current, wanted.replicas, this.now);
    const again = step.again === undefined ? {} : { requeueAt: step.again };
    this.limited(step);
    const waits = step.replicas !== current && stabilizationOf(this.hpa, direction) > 0;
    const [reason, message] = waits ? STABILIZED[direction] : READY;
    this.report.set('AbleToScale', 'True', reason, message);
    if (waits || step.replicas === current)
      return { ...this.report.publish({ current, desired: current, metrics: statuses }), ...again };
    const because = reasonOf(wanted, current);
    return {
      ...this.rescale(target, { current, desired: step.replicas, reason: because, metrics: statuses }),
      ...again,
    };
  }

  private failed(failures: MetricFailure[]): { summary: string } {
    for (const { reason, error } of failures) this.report.event(reason, error);
    const first = failures[0];
    if (!first) return { summary: 'invalid metrics (0 invalid out of 0)' };
    const why = `the HPA was unable to compute the replica count: ${first.error}`;
    this.report.set('ScalingActive', 'False', first.reason, why);
    const count = `invalid metrics (${failures.length} invalid out of ${this.hpa.spec.metrics?.length ?? 0})`;
    return { summary: `${count}, first error is: ${first.summary}` };
  }

  /** Pods must be one autoscaler's alone. */
  private selectorProblem(target: Scaled): { summary: string } | undefined {
    const problem = selectorProblem(this.given, target);
    if (!problem) return undefined;
    this.report.event(problem.event, problem.text);
    this.report.set('ScalingActive', 'False', problem.reason, problem.said);
    return { summary: problem.text };
  }
}

interface Rescale {
  current: number;
  desired: number;
  reason: string;
  metrics: object[] | null;
}

const READY = ['ReadyForNewScale', 'recommended size matches current size'] as const;
const STABILIZED = {
  up: [
    'ScaleUpStabilized',
    'recent recommendations were lower than current one, applying the lowest recent recommendation',
  ],
  down: [
    'ScaleDownStabilized',
    'recent recommendations were higher than current one, applying the highest recent recommendation',
  ],
} as const;

const reasonOf = ({ replicas, name }: { replicas: number; name: string }, current: number): string =>
  replicas > current ? `${name} above target` : 'All metrics below target';
