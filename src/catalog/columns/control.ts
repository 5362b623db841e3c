/** Rows of the kinds that govern the cluster itself: access, certificates, admission, priorities, extensions. */
import type { Condition } from '../../objects/conditions.ts';
import type { CustomResourceDefinitionVersion } from '../../objects/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { formatLabelSelector } from '../../objects/selectors.ts';
import { humanDuration } from './duration.ts';
import { age, type Cell, conditionIsTrue, labels, NONE, type RowOf, simple, UNSET } from './row.ts';

const binding: RowOf = (o, now) => {
  const subjects: { kind: string; name: string; namespace?: string }[] = o.subjects ?? [];
  const of = (kind: string): string =>
    subjects
      .filter((s) => s.kind === kind)
      .map((s) => (kind === 'ServiceAccount' && s.namespace ? `${s.namespace}/${s.name}` : s.name))
      .join(', ');
  return [
    o.metadata.name,
    `${o.roleRef?.kind ?? ''}/${o.roleRef?.name ?? ''}`,
    age(o, now),
    of('User'),
    of('Group'),
    of('ServiceAccount'),
  ];
};

function signingState(o: KubeObject): string {
  const has = (type: string): boolean => (o.status?.conditions ?? []).some((c: Condition) => c.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return decision + (has('Failed') ? ',Failed' : '') + (o.status?.certificate ? ',Issued' : '');
}

const certificateSigningRequest: RowOf = (o, now) => [
  o.metadata.name,
  age(o, now),
  o.spec?.signerName || NONE,
  o.spec?.username ?? '',
  o.spec?.expirationSeconds === undefined ? NONE : humanDuration(o.spec.expirationSeconds * 1000),
  signingState(o),
];

const podCertificateRequest: RowOf = (o) => {
  const states = (o.status?.conditions ?? []).map((c: Condition) => c.type);
  const state = states.filter((t: string) => ['Issued', 'Denied', 'Failed'].includes(t)).pop() ?? 'Pending';
  const spec = o.spec ?? {};
  return [
    o.metadata.name,
    spec.podName ?? '',
    spec.serviceAccountName ?? '',
    spec.nodeName ?? '',
    spec.signerName ?? '',
    state,
    labels(spec.unverifiedUserAnnotations),
  ];
};

const paramKind = (o: KubeObject): string =>
  o.spec?.paramKind ? `${o.spec.paramKind.apiVersion ?? ''}/${o.spec.paramKind.kind ?? ''}` : UNSET;

function paramRef(o: KubeObject): string {
  const ref = o.spec?.paramRef;
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`;
  return ref?.selector ? formatLabelSelector(ref.selector) : UNSET;
}

const policyBinding: RowOf = simple((o) => [o.spec?.policyName ?? '', paramRef(o)]);
const webhooks: RowOf = simple((o) => [(o.webhooks ?? []).length]);

const flowSchema: RowOf = (o, now) => [
  o.metadata.name,
  o.spec?.priorityLevelConfiguration?.name ?? '',
  o.spec?.matchingPrecedence ?? 0,
  o.spec?.distinguisherMethod?.type ?? NONE,
  age(o, now),
  (o.status?.conditions ?? []).find((c: Condition) => c.type === 'Dangling')?.status ?? '?',
];

/** By matching precedence, then by name: how lists of flow schemas are shown. */
export const byPrecedence = (a: KubeObject, b: KubeObject): number =>
  (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || (a.metadata.name < b.metadata.name ? -1 : 1);

const priorityLevel: RowOf = simple((o) => {
  const limited = o.spec?.limited;
  const queuing = limited?.limitResponse?.queuing;
  const queues: Cell[] = queuing
    ? [queuing.queues ?? 0, queuing.handSize ?? 0, queuing.queueLengthLimit ?? 0]
    : [NONE, NONE, NONE];
  return [o.spec?.type ?? '', limited ? (limited.nominalConcurrencyShares ?? 0) : NONE, ...queues];
});

const customResourceDefinition: RowOf = (o) => {
  const versions = (o.spec?.versions ?? [])
    .filter((v: CustomResourceDefinitionVersion) => v.served)
    .map((v: CustomResourceDefinitionVersion) => (v.storage ? `${v.name}(storage)` : v.name));
  return [
    o.metadata.name,
    o.spec?.scope ?? '',
    versions.sort().join(','),
    o.metadata.creationTimestamp ?? '',
    o.spec?.group ?? '',
    o.spec?.names?.kind ?? '',
    (o.spec?.names?.shortNames ?? []).join(','),
    conditionIsTrue(o.status?.conditions, 'Established'),
  ];
};

function availability(o: KubeObject): string {
  const condition = (o.status?.conditions ?? []).find((c: Condition) => c.type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status !== 'True' && condition.reason
    ? `${condition.status} (${condition.reason})`
    : condition.status;
}

const migration: RowOf = (o) => {
  const { group, resource } = o.spec?.resource ?? {};
  const state = (o.status?.conditions ?? [])
    .filter((c: Condition) => c.status === 'True' && ['Running', 'Failed', 'Succeeded'].includes(c.type))
    .pop();
  return [o.metadata.name, group ? `${resource}.${group}` : (resource ?? ''), state?.type ?? 'Unknown'];
};

export const CONTROL_ROWS: Readonly<Record<string, RowOf>> = {
  'rolebindings.rbac.authorization.k8s.io': binding,
  'clusterrolebindings.rbac.authorization.k8s.io': binding,
  'certificatesigningrequests.certificates.k8s.io': certificateSigningRequest,
  'clustertrustbundles.certificates.k8s.io': (o) => [o.metadata.name, o.spec?.signerName || NONE],
  'podcertificaterequests.certificates.k8s.io': podCertificateRequest,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': simple((o) => [
    (o.spec?.validations ?? []).length,
    paramKind(o),
  ]),
  'mutatingadmissionpolicies.admissionregistration.k8s.io': simple((o) => [
    (o.spec?.mutations ?? []).length,
    paramKind(o),
  ]),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': policyBinding,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': policyBinding,
  'leases.coordination.k8s.io': simple((o) => [o.spec?.holderIdentity ?? '']),
  'runtimeclasses.node.k8s.io': simple((o) => [o.handler ?? '']),
  'priorityclasses.scheduling.k8s.io': (o, now) => [
    o.metadata.name,
    o.value ?? 0,
    o.globalDefault ?? false,
    age(o, now),
    o.preemptionPolicy ?? '',
  ],
  'flowschemas.flowcontrol.apiserver.k8s.io': flowSchema,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': priorityLevel,
  'customresourcedefinitions.apiextensions.k8s.io': customResourceDefinition,
  'apiservices.apiregistration.k8s.io': simple((o) => [
    o.spec?.service ? `${o.spec.service.namespace ?? ''}/${o.spec.service.name ?? ''}` : 'Local',
    availability(o),
  ]),
  'storageversionmigrations.storagemigration.k8s.io': migration,
};
