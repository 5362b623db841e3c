/** Rows of networking, discovery, storage and the resource.k8s.io group. */
import type { Endpoint, EndpointPort } from '../../objects/generated/discovery-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { since } from './duration.ts';
import { age, firstThree, loadBalancer, NONE, type RowOf, selector, simple, UNSET } from './row.ts';

function hosts(rules: { host?: string }[]): string {
  const shown: string[] = [];
  let more = false;
  for (const rule of rules) {
    if (shown.length === 3) more = true;
    else if (rule.host) shown.push(rule.host);
  }
  if (shown.length === 0) return '*';
  return more ? `${shown.join(',')} + ${rules.length - 3} more...` : shown.join(',');
}

const ingress: RowOf = (o, now) => [
  o.metadata.name,
  o.spec?.ingressClassName ?? NONE,
  hosts(o.spec?.rules ?? []),
  loadBalancer(o.status?.loadBalancer),
  o.spec?.tls?.length ? '80, 443' : '80',
  age(o, now),
];

const ingressClass: RowOf = (o, now) => {
  const isDefault = o.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  const p = o.spec?.parameters;
  return [
    o.metadata.name + (isDefault ? ' (default)' : ''),
    o.spec?.controller ?? '',
    p ? `${p.kind}${p.apiGroup === undefined ? '' : `.${p.apiGroup}`}/${p.name}` : NONE,
    age(o, now),
  ];
};

/** Three cells where the table has two columns: the real server sends the age as well. */
const ipAddress: RowOf = (o, now) => {
  const ref = o.spec?.parentRef;
  const resource = ref ? `${ref.resource ?? ''}${ref.group ? `.${ref.group}` : ''}`.toLowerCase() : '';
  const parent = ref ? [resource, ...(ref.namespace ? [ref.namespace] : []), ref.name ?? ''].join('/') : NONE;
  return [o.metadata.name, parent, age(o, now)];
};

const endpointSlice: RowOf = (o, now) => [
  o.metadata.name,
  o.addressType ?? '',
  firstThree((o.ports ?? []).map((p: EndpointPort) => String(p.port ?? p.name ?? '*'))),
  firstThree((o.endpoints ?? []).flatMap((e: Endpoint) => e.addresses ?? [])),
  age(o, now),
];

const isDefaultClass = (o: KubeObject): boolean =>
  o.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
  o.metadata.annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true';

/** Of the classes marked as default the youngest counts, then the first by name. */
export function defaultStorageClass(classes: readonly KubeObject[]): string | undefined {
  let chosen: KubeObject | undefined;
  for (const c of classes) {
    if (!isDefaultClass(c)) continue;
    const [a, b] = [c.metadata.creationTimestamp ?? '', chosen?.metadata.creationTimestamp ?? ''];
    if (!chosen || a > b || (a === b && c.metadata.name < chosen.metadata.name)) chosen = c;
  }
  return chosen?.metadata.name;
}

const csiDriver: RowOf = (o, now) => {
  const spec = o.spec ?? {};
  return [
    o.metadata.name,
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    spec.tokenRequests ? spec.tokenRequests.map((t: { audience?: string }) => t.audience ?? '').join(',') : UNSET,
    spec.requiresRepublish ?? false,
    (spec.volumeLifecycleModes ?? []).join(',') || NONE,
    age(o, now),
  ];
};

function claimState(o: KubeObject): string {
  const deleted = o.metadata.deletionTimestamp !== undefined;
  if (!o.status?.allocation) return deleted ? 'deleted' : 'pending';
  return [...(deleted ? ['deleted'] : []), 'allocated', ...(o.status.reservedFor?.length ? ['reserved'] : [])].join(
    ',',
  );
}

export const INFRASTRUCTURE_ROWS: Readonly<Record<string, RowOf>> = {
  'ingresses.networking.k8s.io': ingress,
  'ingressclasses.networking.k8s.io': ingressClass,
  'networkpolicies.networking.k8s.io': simple((o) => [selector(o.spec?.podSelector)]),
  'servicecidrs.networking.k8s.io': simple((o) => [(o.spec?.cidrs ?? []).join(',')]),
  'ipaddresses.networking.k8s.io': ipAddress,
  'endpointslices.discovery.k8s.io': endpointSlice,
  'storageclasses.storage.k8s.io': simple((o) => [
    o.provisioner ?? '',
    o.reclaimPolicy ?? 'Delete',
    o.volumeBindingMode ?? 'Immediate',
    o.allowVolumeExpansion ?? false,
  ]),
  'volumeattributesclasses.storage.k8s.io': simple((o) => [o.driverName ?? '']),
  'volumeattachments.storage.k8s.io': simple((o) => [
    o.spec?.attacher ?? '',
    o.spec?.source?.persistentVolumeName ?? '',
    o.spec?.nodeName ?? '',
    o.status?.attached ?? false,
  ]),
  'csinodes.storage.k8s.io': simple((o) => [(o.spec?.drivers ?? []).length]),
  'csidrivers.storage.k8s.io': csiDriver,
  'deviceclasses.resource.k8s.io': simple(() => []),
  'resourceclaims.resource.k8s.io': simple((o) => [claimState(o)]),
  'resourceclaimtemplates.resource.k8s.io': simple(() => []),
  'resourceslices.resource.k8s.io': simple((o) => [
    o.spec?.nodeName ?? '',
    o.spec?.driver ?? '',
    o.spec?.pool?.name ?? '',
  ]),
  'devicetaintrules.resource.k8s.io': simple((o, now) => {
    const taint = o.spec?.taint ?? {};
    return [taint.key ?? '', taint.value ?? '', taint.effect ?? '', taint.timeAdded ? since(taint.timeAdded, now) : ''];
  }),
};
