/**
 * Keeps a workload's size within its autoscaler's bounds. There is no metrics API in the cluster, so beyond the bounds it says what the
 * real controller says without one. Source: k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go.
 */
import { findKind } from '../resources/kinds.ts';
import type { KubeObject } from '../resources/object.ts';
import type { Reader, Reconciler, Write } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { recordEvent } from './events.ts';
import { keyOf, parseKey } from './owners.ts';
import { type Condition, withCondition } from './pods.ts';
import { timestamp } from './time.ts';

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';
const SCALED = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'replicationcontrollers'];
const NO_METRICS =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';

export const horizontalPodAutoscalerController = (): Reconciler<KubeObject> => ({
  name: 'horizontal-pod-autoscaler-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: AUTOSCALERS, keys: ({ new: hpa }) => (hpa ? [keyOf(hpa)] : []) },
    ...SCALED.map((resource) => ({
      resource,
      keys: ({ old, new: target }: { old?: KubeObject; new?: KubeObject }, reader: Reader<KubeObject>): string[] => {
        if (old && target && old.spec.replicas === target.spec.replicas) return [];
        const { namespace, name } = ((target ?? old) as KubeObject).metadata;
        return reader
          .list(AUTOSCALERS, namespace)
          .filter((hpa) => hpa.spec.scaleTargetRef.name === name)
          .map(keyOf);
      },
    })),
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const hpa = reader.get(AUTOSCALERS, namespace, name);
    return { writes: hpa && !hpa.metadata.deletionTimestamp ? scale(reader, hpa, now) : [] };
  },
});

function scale(reader: Reader<KubeObject>, hpa: KubeObject, now: number): Write<KubeObject>[] {
  const writes: Write<KubeObject>[] = [];
  const record = (reason: string, message: string, type: 'Normal' | 'Warning' = 'Warning'): void => {
    writes.push(recordEvent(reader, hpa, { component: 'horizontal-pod-autoscaler' }, { type, reason, message }, now));
  };
  let conditions: Condition[] = hpa.status?.conditions ?? [];
  const set = (type: string, status: string, reason: string, message: string): void => {
    const made = { type, status, lastTransitionTime: timestamp(now), reason, message };
    conditions = withCondition(conditions, made);
  };
  const publish = (found: Record<string, unknown>): Write<KubeObject>[] => {
    const { currentReplicas, ...status }: any = {
      desiredReplicas: 0,
      currentMetrics: null,
      ...hpa.status,
      ...found,
      conditions,
    };
    if (currentReplicas) status.currentReplicas = currentReplicas;
    if (found.currentReplicas !== undefined) status.observedGeneration = hpa.metadata.generation;
    // Nothing new: the events, which the real controller counts up every 15 seconds, stay as they are.
    if (sameJson(status, hpa.status)) return [];
    writes.push({ verb: 'update', subresource: 'status', object: { ...hpa, status } });
    return writes;
  };

  const target = targetOf(reader, hpa);
  if (!target) {
    const { kind, name } = hpa.spec.scaleTargetRef;
    const message = `${kind.toLowerCase()}s.apps "${name}" not found`;
    record('FailedGetScale', message);
    set(
      'AbleToScale',
      'False',
      'FailedGetScale',
      `the HPA controller was unable to get the target's current scale: ${message}`,
    );
    return publish({});
  }
  set('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
  const current: number = target.spec.replicas ?? 1;
  const minimum: number = hpa.spec.minReplicas ?? 1;
  if (current === 0 && minimum !== 0) {
    set(
      'ScalingActive',
      'False',
      'ScalingDisabled',
      'scaling is disabled since the replica count of the target is zero',
    );
    return publish({ currentReplicas: 0, desiredReplicas: 0 });
  }
  const desired = Math.min(Math.max(current, minimum), hpa.spec.maxReplicas);
  if (desired !== current) {
    const side = current > desired ? 'above Spec.MaxReplicas' : 'below Spec.MinReplicas';
    record('SuccessfulRescale', `New size: ${desired}; reason: Current number of replicas ${side}`, 'Normal');
    set(
      'AbleToScale',
      'True',
      'SucceededRescale',
      `the HPA controller was able to update the target scale to ${desired}`,
    );
    writes.push({ verb: 'update', object: { ...target, spec: { ...target.spec, replicas: desired } } });
    return publish({ currentReplicas: current, desiredReplicas: desired, lastScaleTime: timestamp(now) });
  }
  const metric = hpa.spec.metrics?.[0];
  const resource = metric?.resource?.name ?? metric?.containerResource?.name ?? 'cpu';
  const what = metric?.resource?.target?.type === 'AverageValue' ? 'resource metric value' : 'utilization';
  const message = `failed to get ${resource} ${what}: unable to get metrics for resource ${resource}: ${NO_METRICS}`;
  record('FailedGetResourceMetric', message);
  record('FailedComputeMetricsReplicas', `invalid metrics (1 invalid out of 1), first error is: ${message}`);
  set(
    'ScalingActive',
    'False',
    'FailedGetResourceMetric',
    `the HPA was unable to compute the replica count: ${message}`,
  );
  // What is wanted stays what it was; of each metric there is the place that its value would have.
  const currentMetrics = (hpa.spec.metrics ?? []).map(() => ({ type: '' }));
  return publish({ currentReplicas: current, currentMetrics });
}

function targetOf(reader: Reader<KubeObject>, hpa: KubeObject): KubeObject | undefined {
  const { apiVersion = 'apps/v1', kind, name } = hpa.spec.scaleTargetRef;
  const found = findKind(apiVersion, kind);
  if (!found) return undefined;
  return reader.get(found.group ? `${found.resource}.${found.group}` : found.resource, hpa.metadata.namespace, name);
}
