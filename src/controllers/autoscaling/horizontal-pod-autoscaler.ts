/**
 * Keeps a workload's size within its autoscaler's bounds. There is no metrics API in the cluster, so beyond the bounds it says what the
 * real controller says without one. Source: k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import { type ClusterReconciler, watchEach } from '../../objects/cluster-reconciler.ts';
import { type Condition, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { HorizontalPodAutoscaler, MetricSpec } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { KindTypes } from '../../objects/generated/kind-types.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../../objects/selectors.ts';
import { timestamp } from '../../objects/time.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { selectorQuery } from '../selector-text.ts';
import { metricFailure } from './autoscaler-metrics-errors.ts';

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';
const SCALED = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'replicationcontrollers'] as const;
const NO_RESOURCE = 'the server could not find the requested resource';

/** `catalog`: the kinds that may be scaled, at the moment. */
export const horizontalPodAutoscalerController = (catalog: () => Catalog): ClusterReconciler => ({
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
    { resource: AUTOSCALERS, keys: ({ new: hpa }) => (hpa ? [keyOf(hpa)] : []) },
    ...watchEach(SCALED, ({ old, new: target }, reader) => {
      if (old && target && old.spec.replicas === target.spec.replicas) return [];
      const { namespace, name } = (target ?? old)!.metadata;
      return reader
        .list(AUTOSCALERS, namespace)
        .filter((hpa) => hpa.spec.scaleTargetRef.name === name)
        .map(keyOf);
    }),
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const hpa = reader.get(AUTOSCALERS, namespace, name);
    return hpa && !hpa.metadata.deletionTimestamp
      ? new Autoscaling(catalog(), reader, hpa, now).reconcile()
      : { writes: [] };
  },
});

/** One reconcile of one autoscaler. */
class Autoscaling {
  private readonly catalog: Catalog;
  private readonly reader: View;
  private readonly hpa: HorizontalPodAutoscaler;
  private readonly now: number;
  private readonly writes: Write<KubeObject>[] = [];
  private conditions: Condition[];

  constructor(catalog: Catalog, reader: View, hpa: HorizontalPodAutoscaler, now: number) {
    this.catalog = catalog;
    this.reader = reader;
    this.hpa = hpa;
    this.now = now;
    this.conditions = hpa.status?.conditions ?? [];
  }

  reconcile(): ReconcileResult<KubeObject> {
    const { target, problem } = targetOf(this.catalog, this.reader, this.hpa);
    if (!target) return this.withoutTarget(problem);
    const got = "the HPA controller was able to get the target's current scale";
    this.set('AbleToScale', 'True', 'SucceededGetScale', got);
    const current: number = target.spec.replicas ?? 1;
    const minimum: number = this.hpa.spec.minReplicas ?? 1;
    if (current === 0 && !this.mayLeaveZero(minimum)) {
      const why = 'scaling is disabled since the replica count of the target is zero';
      this.set('ScalingActive', 'False', 'ScalingDisabled', why);
      return this.publish({ current, desired: 0, metrics: null });
    }
    const desired = current === 0 ? current : Math.min(Math.max(current, minimum), this.hpa.spec.maxReplicas);
    return desired === current ? this.compute(target, current) : this.rescale(target, current, desired);
  }

  private withoutTarget(problem: string): ReconcileResult<KubeObject> {
    this.event('FailedGetScale', problem);
    const why = `the HPA controller was unable to get the target's current scale: ${problem}`;
    this.set('AbleToScale', 'False', 'FailedGetScale', why);
    const {
      currentReplicas: current = 0,
      desiredReplicas: desired = 0,
      currentMetrics: metrics,
    } = this.hpa.status ?? {};
    return this.publish({ current, desired, metrics: metrics ?? null, observed: this.hpa.status?.observedGeneration });
  }

  /** It was scaled to nothing by an autoscaler, which knows of something else than pods to count by. */
  private mayLeaveZero(minimum: number): boolean {
    const scaledToZero = this.conditions.find(({ type }) => type === 'ScaledToZero')?.status === 'True';
    const others = (this.hpa.spec.metrics ?? []).some(({ type }) => type === 'Object' || type === 'External');
    return scaledToZero && (minimum !== 0 || others);
  }

  private rescale(target: Scaled, current: number, desired: number): ReconcileResult<KubeObject> {
    const side = current > desired ? 'above Spec.MaxReplicas' : 'below Spec.MinReplicas';
    const reason = `Current number of replicas ${side}`;
    const done = `the HPA controller was able to update the target scale to ${desired}`;
    this.writes.push({
      verb: 'update',
      subresource: 'scale',
      object: { ...target, spec: { ...target.spec, replicas: desired } },
      refused: (why) => this.notRescaled(current, `New size: ${desired}; reason: ${reason}`, why),
    });
    this.set('AbleToScale', 'True', 'SucceededRescale', done);
    this.set('ScaledToZero', 'False', 'NotScaledToZero', 'the HPA controller did not scale the workload to zero');
    this.event('SuccessfulRescale', `New size: ${desired}; reason: ${reason}`, 'Normal');
    return this.publish({ current, desired, metrics: null, scaledAt: timestamp(this.now) });
  }

  /** The scale stays what it is, and so does what was wanted of it. */
  private notRescaled(current: number, what: string, why: string): Write<KubeObject>[] {
    const failed = new Autoscaling(this.catalog, this.reader, this.hpa, this.now);
    failed.event('FailedRescale', `${what}; error: ${why}`);
    const text = `the HPA controller was unable to update the target scale: ${why}`;
    failed.set('AbleToScale', 'False', 'FailedUpdateScale', text);
    const desired: number = this.hpa.status?.desiredReplicas ?? 0;
    failed.publish({ current, desired, metrics: null });
    return failed.writes;
  }

  /** How many pods the metrics ask for: none can be had. */
  private compute(target: Scaled, current: number): ReconcileResult<KubeObject> {
    const specs = this.hpa.spec.metrics ?? [];
    const error = this.selectorProblem(target) ?? this.failures(specs);
    const metrics = error.measured ? specs.map(() => ({ type: '' })) : null;
    const desired: number = this.hpa.status?.desiredReplicas ?? 0;
    const result = this.publish({ current, desired, metrics });
    // After the status, as the real one; nothing new: it is not counted up every 15 seconds as there.
    if (result.writes.length > 0) this.event('FailedComputeMetricsReplicas', error.summary);
    return result;
  }

  private failures(specs: MetricSpec[]): { summary: string; measured: boolean } {
    const failures = specs.map((spec) => metricFailure(this.reader, spec, this.hpa.metadata.namespace ?? ''));
    for (const { reason, error } of failures) this.event(reason, error);
    const first = failures[0];
    if (!first) return { summary: 'invalid metrics (0 invalid out of 0)', measured: true };
    const why = `the HPA was unable to compute the replica count: ${first.error}`;
    this.set('ScalingActive', 'False', first.reason, why);
    const count = `invalid metrics (${failures.length} invalid out of ${specs.length})`;
    return { summary: `${count}, first error is: ${first.summary}`, measured: true };
  }

  /** Pods must be one autoscaler's alone. */
  private selectorProblem(target: Scaled): { summary: string; measured: boolean } | undefined {
    const selector = selectorOf(target);
    const query = selectorQuery(selector);
    const refuse = (event: string, reason: string, text: string, said = text) => {
      this.event(event, text);
      this.set('ScalingActive', 'False', reason, said);
      return { summary: text, measured: false };
    };
    if (query === '') {
      const missing = "the HPA target's scale is missing a selector";
      return refuse('SelectorRequired', 'InvalidSelector', 'selector is required', missing);
    }
    const { namespace } = this.hpa.metadata;
    const pods = this.reader
      .list('pods', namespace)
      .filter((pod) => matchesLabelSelector(selector, pod.metadata.labels));
    const others = this.reader.list(AUTOSCALERS, namespace).filter((hpa) => {
      const other = hpa === this.hpa ? target : targetOf(this.catalog, this.reader, hpa).target;
      return other && pods.some((pod) => matchesLabelSelector(selectorOf(other), pod.metadata.labels));
    });
    if (others.length < 2) return undefined;
    const named = others.slice(0, 2).map(keyOf).join(' ');
    const text = `pods by selector ${query} are controlled by more than one HPA (e.g. [${named}])`;
    return refuse('AmbiguousSelector', 'AmbiguousSelector', text);
  }

  private set(type: string, status: string, reason: string, message: string): void {
    const made = { type, status, lastTransitionTime: timestamp(this.now), reason, message };
    this.conditions = withCondition(this.conditions, made);
  }

  private event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Warning'): void {
    this.writes.push(this.record(reason, message, type));
  }

  private record(reason: string, message: string, type: 'Normal' | 'Warning'): Write<KubeObject> {
    const source = { component: 'horizontal-pod-autoscaler' };
    return recordEvent(this.reader, this.hpa, source, { type, reason, message }, this.now);
  }

  /** Nothing new: the events, which the real controller counts up every 15 seconds, stay as they are. */
  private publish(counts: {
    current: number;
    desired: number;
    metrics: unknown[] | null;
    scaledAt?: string;
    observed?: number | undefined;
  }): ReconcileResult<KubeObject> {
    const observedGeneration = 'observed' in counts ? counts.observed : this.hpa.metadata.generation;
    const lastScaleTime = counts.scaledAt ?? this.hpa.status?.lastScaleTime;
    const status = {
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(counts.current > 0 ? { currentReplicas: counts.current } : {}),
      desiredReplicas: counts.desired,
      currentMetrics: counts.metrics,
      conditions: this.conditions,
    };
    if (sameData(status, this.hpa.status)) return { writes: [] };
    this.writes.push({
      verb: 'update',
      subresource: 'status',
      object: { ...this.hpa, status },
      refused: (message) => [this.record('FailedUpdateStatus', message, 'Warning')],
    });
    return { writes: this.writes };
  }
}

/** What has a subresource `scale`. */
type Scaled = KindTypes[(typeof SCALED)[number]];

const selectorOf = ({ kind, spec: { selector } }: Scaled): LabelSelector | undefined =>
  kind === 'ReplicationController'
    ? { matchLabels: (selector ?? {}) as Record<string, string> }
    : (selector as LabelSelector | undefined);

function targetOf(
  catalog: Catalog,
  reader: View,
  hpa: HorizontalPodAutoscaler,
): { target: Scaled; problem: '' } | { target: undefined; problem: string } {
  const { apiVersion = '', kind, name } = hpa.spec.scaleTargetRef;
  const found = catalog.kind(apiVersion, kind);
  const missing = (problem: string) => ({ target: undefined, problem }) as const;
  if (!found) {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    return missing(`no matches for kind "${kind}" in group "${group}"`);
  }
  if (!found.subresources.some((subresource) => subresource.name === 'scale')) return missing(NO_RESOURCE);
  const target = reader.get(found.name, hpa.metadata.namespace, name) as Scaled | undefined;
  return target ? { target, problem: '' } : missing(`${found.name} "${name}" not found`);
}
