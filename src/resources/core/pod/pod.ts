/** Pods and PodTemplates. Source: k8s.io/kubernetes/pkg/registry/core/pod and podtemplate. */

import { admitTolerations } from '../../../admission/default-toleration-seconds.ts';
import { applyLimitDefaults, reviewLimits } from '../../../admission/limit-ranger.ts';
import { isSignificantUpdate, reviewPodSecurity } from '../../../admission/pod-security.ts';
import { admitTopologyLabels, topologyReads } from '../../../admission/pod-topology-labels.ts';
import { admitPriority } from '../../../admission/priority.ts';
import { admitRuntimeClass, reviewRuntimeClass, runtimeClassReads } from '../../../admission/runtime-class.ts';
import { admitServiceAccount } from '../../../admission/service-account.ts';
import type { Read, StageContext, Strategy } from '../../../catalog/strategy.ts';
import { sameData } from '../../../objects/equality.ts';
import type { Pod, PodAffinityTerm, PodSpec, PodStatus, PodTemplate } from '../../../objects/generated/core-v1.gen.ts';
import { qosClassOf } from '../../../objects/quality-of-service.ts';
import { addQuantities, compareQuantities } from '../../../objects/quantity.ts';
import { applyAppArmorAnnotations } from './app-armor.ts';
import { defaultPod, defaultPodTemplate } from './defaults.ts';
import { validatePodResize } from './resize.ts';
import { validatePodStatusUpdate } from './status-update.ts';
import { validateEphemeralContainersUpdate, validatePodUpdate } from './update.ts';
import { validatePodCreate, validatePodTemplate } from './validation.ts';
import { warningsForPod, warningsForPodSpec } from './warnings.ts';

function reads(pod: Pod, operation: 'create' | 'update' | 'delete', namespace = ''): Read[] {
  if (operation !== 'create') return [{ resource: 'namespaces', name: namespace }];
  const { spec } = pod;
  const account = spec?.serviceAccountName || spec?.serviceAccount || 'default';
  return [
    { resource: 'namespaces', name: namespace },
    { resource: 'serviceaccounts', namespace, name: account },
    { resource: 'limitranges', namespace },
    { resource: 'priorityclasses.scheduling.k8s.io' },
    ...runtimeClassReads(pod),
    ...topologyReads(pod),
  ];
}

function admit(pod: Pod, old: Pod | undefined, context: StageContext): void {
  if (old) {
    if (context.subresource) return;
    pod.spec.priority ??= old.spec.priority;
    pod.spec.preemptionPolicy ??= old.spec.preemptionPolicy;
    admitTolerations(pod);
    return;
  }
  applyLimitDefaults(pod, context);
  if (!context.disabledAdmissionPlugins?.includes('ServiceAccount')) admitServiceAccount(pod, context);
  admitPriority(pod, context);
  admitTolerations(pod);
  admitRuntimeClass(pod, context);
  admitTopologyLabels(pod, context);
}

function review(pod: Pod, old: Pod | undefined, context: StageContext): void {
  if (old) {
    if (context.subresource === 'resize') reviewLimits('pods', pod, context);
    if (context.subresource !== 'status' && isSignificantUpdate(pod, old)) reviewPodSecurity(pod, context);
    return;
  }
  reviewLimits('pods', pod, context);
  reviewRuntimeClass(pod, context);
  reviewPodSecurity(pod, context);
}

type Selecting = Partial<Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>>;

/** Keys whose values are the pod's own become part of the selector. */
function mergeLabelKeys(term: Selecting | undefined, labels: Record<string, string> | undefined): void {
  if (!term?.labelSelector) return;
  for (const [keys, operator] of [
    [term.matchLabelKeys, 'In'],
    [term.mismatchLabelKeys, 'NotIn'],
  ] as const)
    for (const key of keys ?? []) {
      const value = labels?.[key];
      if (value === undefined) continue;
      term.labelSelector.matchExpressions ??= [];
      term.labelSelector.matchExpressions.push({ key, operator, values: [value] });
    }
}

function mergeAllLabelKeys(pod: Pod): void {
  const { spec, metadata } = pod;
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[kind];
    for (const weighted of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      mergeLabelKeys(weighted.podAffinityTerm, metadata.labels);
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      mergeLabelKeys(term, metadata.labels);
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) mergeLabelKeys(constraint, metadata.labels);
}

/** Requests of the whole pod follow from its containers' or from its limits. */
function defaultPodLevelResources(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources || (!resources.requests && !resources.limits)) return;
  const supported = (name: string): boolean => name === 'cpu' || name === 'memory';
  const sums: Record<string, string> = {};
  for (const container of spec.containers ?? [])
    for (const [name, amount] of Object.entries(container.resources?.requests ?? {}))
      if (supported(name)) sums[name] = sums[name] === undefined ? amount : addQuantities(sums[name], amount);
  for (const container of spec.initContainers ?? [])
    for (const [name, amount] of Object.entries(container.resources?.requests ?? {}))
      if (supported(name) && (sums[name] === undefined || compareQuantities(amount, sums[name]) > 0))
        sums[name] = amount;
  const requests = { ...resources.requests };
  for (const name in sums) requests[name] ??= sums[name]!;
  for (const name in resources.limits) if (supported(name)) requests[name] ??= resources.limits[name]!;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

function prepareForCreate(pod: Pod, context: StageContext): void {
  const { spec } = pod;
  applyAppArmorAnnotations(pod, context);
  const status: PodStatus = { phase: 'Pending' };
  if (spec.schedulingGates?.length)
    status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: context.now,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  mergeAllLabelKeys(pod);
  defaultPodLevelResources(spec);
  status.qosClass = qosClassOf(spec);
  pod.status = status;
}

function prepareForUpdate(pod: Pod, old: Pod, context: StageContext): void {
  if (context.subresource === 'status') {
    const status = pod.status ?? {};
    pod.status = status;
    if (old.status?.qosClass) status.qosClass ||= old.status.qosClass;
    const { resourceClaimStatuses, extendedResourceClaimStatus, observedGeneration } = old.status ?? {};
    if (resourceClaimStatuses !== undefined) status.resourceClaimStatuses ??= resourceClaimStatuses;
    if (extendedResourceClaimStatus !== undefined) status.extendedResourceClaimStatus ??= extendedResourceClaimStatus;
    if (observedGeneration !== undefined) status.observedGeneration ??= observedGeneration;
    return;
  }
  if (context.subresource === 'ephemeralcontainers')
    pod.spec = { ...structuredClone(old.spec), ephemeralContainers: pod.spec.ephemeralContainers };
  if (context.subresource === 'resize') keepButResources(pod, old);
  if (context.subresource === 'ephemeralcontainers' || context.subresource === 'resize') {
    pod.metadata.labels = old.metadata.labels;
    pod.metadata.annotations = old.metadata.annotations;
    pod.metadata.finalizers = old.metadata.finalizers;
    pod.metadata.ownerReferences = old.metadata.ownerReferences;
    pod.status = old.status;
    // Of what was sent only a part counts: without it nothing has changed.
    if (!sameData(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

function keepButResources(pod: Pod, old: Pod): void {
  const { spec } = pod;
  const lists = ['containers', 'initContainers'] as const;
  if (lists.some((key) => (spec[key]?.length ?? 0) !== (old.spec[key]?.length ?? 0))) return;
  const kept = structuredClone(old.spec);
  for (const key of lists)
    for (const [i, container] of (spec[key] ?? []).entries()) {
      const before = kept[key]![i]!;
      if (before.name !== container.name) return;
      before.resources = container.resources;
      before.resizePolicy = container.resizePolicy;
    }
  if (spec.resources) kept.resources = spec.resources;
  pod.spec = kept;
}

function validateUpdate(pod: Pod, old: Pod, context: StageContext) {
  if (context.subresource === 'ephemeralcontainers') return validateEphemeralContainersUpdate(pod, old);
  return context.subresource === 'resize' ? validatePodResize(pod, old) : validatePodUpdate(pod, old);
}

/** How long a deletion waits for the pod to end; a pod that runs nowhere has nothing to wait for. */
function gracePeriodSeconds(pod: Pod, asked?: number): number {
  if (!pod.spec?.nodeName || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return 0;
  const period = asked ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return period < 0 ? 1 : period;
}

export const pods: Strategy<Pod> = {
  defaults: defaultPod,
  reads,
  admit,
  review,
  prepareForCreate,
  prepareForUpdate,
  validate: validatePodCreate,
  validateUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: (pod, old) => warningsForPod(pod, old),
  gracePeriodSeconds,
  selectableFields: ({ spec = {}, status = {} }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    // What the first clients called it.
    'spec.host': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status.phase ?? '',
    'status.podIP': status.podIPs?.[0]?.ip ?? '',
    // Allowed, and without a value.
    'status.podIPs': '',
    'status.nominatedNodeName': status.nominatedNodeName ?? '',
  }),
};

export const podtemplates: Strategy<PodTemplate> = {
  defaults: defaultPodTemplate,
  hasGeneration: true,
  prepareForUpdate(object, old) {
    if (!sameData(object.template, old.template)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: (object) => validatePodTemplate(object.template!, 'template'),
  warnings: (object) => warningsForPodSpec(object.template!.spec, object.template!.metadata, 'template'),
};
