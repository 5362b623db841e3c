/** Rows of apps, batch, policy and autoscaling. Horizontal pod autoscalers come as v2. */
import type { MetricSpec } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { formatLabelSelector } from '../../objects/selectors.ts';
import { humanDuration, since } from './duration.ts';
import { age, conditionIsTrue, containers, labels, NONE, type RowOf, selector, simple, UNSET } from './row.ts';

const deployment: RowOf = (o, now) => [
  o.metadata.name,
  `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`,
  o.status?.updatedReplicas ?? 0,
  o.status?.availableReplicas ?? 0,
  age(o, now),
  ...containers(o.spec?.template?.spec),
  formatLabelSelector(o.spec?.selector),
];

const replicaSet: RowOf = (o, now) => [
  o.metadata.name,
  o.spec?.replicas ?? 0,
  o.status?.replicas ?? 0,
  o.status?.readyReplicas ?? 0,
  age(o, now),
  ...containers(o.spec?.template?.spec),
  selector(o.spec?.selector),
];

const statefulSet: RowOf = (o, now) => [
  o.metadata.name,
  `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`,
  age(o, now),
  ...containers(o.spec?.template?.spec),
];

const daemonSet: RowOf = (o, now) => [
  o.metadata.name,
  o.status?.desiredNumberScheduled ?? 0,
  o.status?.currentNumberScheduled ?? 0,
  o.status?.numberReady ?? 0,
  o.status?.updatedNumberScheduled ?? 0,
  o.status?.numberAvailable ?? 0,
  labels(o.spec?.template?.spec?.nodeSelector),
  age(o, now),
  ...containers(o.spec?.template?.spec),
  selector(o.spec?.selector),
];

const controllerRevision: RowOf = (o, now) => {
  const owner = o.metadata.ownerReferences?.find((r) => r.controller);
  const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  const controller = owner ? `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}` : NONE;
  return [o.metadata.name, controller, o.revision ?? 0, age(o, now)];
};

function jobCompletions(o: KubeObject): string {
  const succeeded = o.status?.succeeded ?? 0;
  const { completions, parallelism = 0 } = o.spec ?? {};
  if (completions !== undefined && completions !== null) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobStatus(o: KubeObject): string {
  const is = (type: string): boolean => conditionIsTrue(o.status?.conditions, type);
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (o.metadata.deletionTimestamp) return 'Terminating';
  for (const type of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']) if (is(type)) return type;
  return 'Running';
}

const job: RowOf = (o, now) => {
  const { startTime, completionTime } = o.status ?? {};
  const end = completionTime ? Date.parse(completionTime) : now;
  return [
    o.metadata.name,
    jobStatus(o),
    jobCompletions(o),
    startTime ? humanDuration(end - Date.parse(startTime)) : '',
    age(o, now),
    ...containers(o.spec?.template?.spec),
    selector(o.spec?.selector),
  ];
};

const cronJob: RowOf = (o, now) => {
  const template = o.spec?.jobTemplate?.spec;
  const suspend = o.spec?.suspend;
  return [
    o.metadata.name,
    o.spec?.schedule ?? '',
    o.spec?.timeZone ?? NONE,
    suspend === undefined || suspend === null ? UNSET : suspend ? 'True' : 'False',
    (o.status?.active ?? []).length,
    o.status?.lastScheduleTime ? since(o.status.lastScheduleTime, now) : NONE,
    age(o, now),
    ...containers(template?.template?.spec),
    selector(template?.selector),
  ];
};

const orNotAvailable = (value: unknown): string => (value === undefined || value === null ? 'N/A' : String(value));

/** One metric of an autoscaler: what it is now over what it should be. */
// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
function metric(spec: any, status: any): string {
  switch (spec.type) {
    case 'External':
    case 'Object': {
      const key = spec.type === 'External' ? 'external' : 'object';
      const target = spec[key]?.target ?? {};
      const current = status?.[key]?.current;
      if (target.averageValue) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
      return `${status?.[key] ? (current?.value ?? '<nil>') : '<unknown>'}/${target.value ?? '<nil>'}`;
    }
    case 'Pods':
      return `${status?.pods ? (status.pods.current?.averageValue ?? '<nil>') : '<unknown>'}/${spec.pods?.target?.averageValue ?? '<nil>'}`;
    case 'Resource':
    case 'ContainerResource': {
      const key = spec.type === 'Resource' ? 'resource' : 'containerResource';
      const target = spec[key]?.target ?? {};
      const current = status?.[key]?.current;
      const name = spec[key]?.name ?? '';
      if (target.averageValue)
        return `${name}: ${status?.[key] ? (current?.averageValue ?? '<nil>') : '<unknown>'}/${target.averageValue}`;
      const percent = (n: number | undefined, otherwise: string): string => (n === undefined ? otherwise : `${n}%`);
      return `${name}: ${percent(current?.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`;
    }
    default:
      return '<unknown type>';
  }
}

function metrics(o: KubeObject): string {
  const specs: MetricSpec[] = o.spec?.metrics ?? [];
  if (specs.length === 0) return NONE;
  const texts = specs.map((spec, i) => metric(spec, o.status?.currentMetrics?.[i]));
  const text = texts.slice(0, 2).join(', ');
  return texts.length > 2 ? `${text} + ${texts.length - 2} more...` : text;
}

export const WORKLOAD_ROWS: Readonly<Record<string, RowOf>> = {
  'deployments.apps': deployment,
  'replicasets.apps': replicaSet,
  'statefulsets.apps': statefulSet,
  'daemonsets.apps': daemonSet,
  'controllerrevisions.apps': controllerRevision,
  'jobs.batch': job,
  'cronjobs.batch': cronJob,
  'poddisruptionbudgets.policy': simple((o) => [
    orNotAvailable(o.spec?.minAvailable),
    orNotAvailable(o.spec?.maxUnavailable),
    o.status?.disruptionsAllowed ?? 0,
  ]),
  'horizontalpodautoscalers.autoscaling': simple((o) => [
    `${o.spec?.scaleTargetRef?.kind}/${o.spec?.scaleTargetRef?.name}`,
    metrics(o),
    o.spec?.minReplicas === undefined ? UNSET : String(o.spec.minReplicas),
    o.spec?.maxReplicas ?? 0,
    o.status?.currentReplicas ?? 0,
  ]),
};
