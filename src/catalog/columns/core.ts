/** Rows of the core group but pods. Events come as core/v1. */
import type { Condition } from '../../objects/conditions.ts';
import type { NodeAddress } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { since } from './duration.ts';
import { podRow } from './pod.ts';
import { age, type Cell, containers, labels, loadBalancer, NONE, type RowOf, simple, UNSET } from './row.ts';

const size = (map: object | undefined | null): number => Object.keys(map ?? {}).length;

const accessModes = (modes: string[] | undefined): string =>
  [
    ['ReadWriteOnce', 'RWO'],
    ['ReadOnlyMany', 'ROX'],
    ['ReadWriteMany', 'RWX'],
    ['ReadWriteOncePod', 'RWOP'],
  ]
    .filter(([mode]) => modes?.includes(mode ?? ''))
    .map(([, short]) => short)
    .join(',');

const storageClass = (o: KubeObject): string =>
  o.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? o.spec?.storageClassName ?? '';

function externalIP(service: KubeObject): string {
  const { type, externalIPs = [], externalName } = service.spec ?? {};
  switch (type) {
    case 'ClusterIP':
    case 'NodePort':
      return externalIPs.join(',') || NONE;
    case 'LoadBalancer': {
      const addresses = loadBalancer(service.status?.loadBalancer);
      return [...(addresses ? [addresses] : []), ...externalIPs].join(',') || '<pending>';
    }
    case 'ExternalName':
      return externalName ?? '';
    default:
      return '<unknown>';
  }
}

const servicePort = (p: { port: number; nodePort?: number; protocol?: string }): string =>
  p.nodePort ? `${p.port}:${p.nodePort}/${p.protocol}` : `${p.port}/${p.protocol}`;

const service: RowOf = (o, now) => [
  o.metadata.name,
  o.spec?.type ?? '',
  o.spec?.clusterIPs?.[0] ?? NONE,
  externalIP(o),
  (o.spec?.ports ?? []).map(servicePort).join(',') || NONE,
  age(o, now),
  labels(o.spec?.selector),
];

function endpointsText(o: KubeObject): string {
  const subsets: { addresses?: { ip: string }[]; ports?: { port: number }[] }[] = o.subsets ?? [];
  if (subsets.length === 0) return NONE;
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map((a) => a.ip)
      : ports.flatMap((p) => addresses.map((a) => `${a.ip.includes(':') ? `[${a.ip}]` : a.ip}:${p.port}`)),
  );
  const text = all.slice(0, 3).join(',');
  return all.length > 3 ? `${text} + ${all.length - 3} more...` : text;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles(o: KubeObject): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(o.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort().join(',') || NONE;
}

function nodeStatus(o: KubeObject): string {
  const ready = (o.status?.conditions ?? []).filter((c: Condition) => c.type === 'Ready').pop();
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (o.spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

const node: RowOf = (o, now) => {
  const info = o.status?.nodeInfo ?? {};
  const address = (type: string): string =>
    (o.status?.addresses ?? []).find((a: NodeAddress) => a.type === type)?.address ?? NONE;
  return [
    o.metadata.name,
    nodeStatus(o),
    nodeRoles(o),
    age(o, now),
    info.kubeletVersion ?? '',
    address('InternalIP'),
    address('ExternalIP'),
    info.osImage || '<unknown>',
    (info.kernelVersion || '<unknown>') + (info.architecture ? ` (${info.architecture})` : ''),
    info.containerRuntimeVersion || '<unknown>',
  ];
};

const event: RowOf = (o, now) => {
  const first = since(o.firstTimestamp ?? o.eventTime, now);
  const last = o.lastTimestamp ? since(o.lastTimestamp, now) : first;
  const kind = (o.involvedObject?.kind ?? '').toLowerCase();
  const component = o.source?.component || o.reportingComponent || '';
  const instance = o.source?.host || o.reportingInstance || '';
  return [
    o.series ? since(o.series.lastObservedTime, now) : last,
    o.type ?? '',
    o.reason ?? '',
    o.involvedObject?.name ? `${kind}/${o.involvedObject.name}` : kind,
    o.involvedObject?.fieldPath ?? '',
    instance ? `${component}, ${instance}` : component,
    (o.message ?? '').trim(),
    first,
    o.series ? (o.series.count ?? 0) : o.count || 1,
    o.metadata.name,
  ];
};

const persistentVolume: RowOf = (o, now) => {
  const { spec = {}, status = {} } = o;
  return [
    o.metadata.name,
    spec.capacity?.storage ?? '0',
    accessModes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? '',
    o.metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
    spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
    storageClass(o),
    spec.volumeAttributesClassName ?? UNSET,
    status.reason ?? '',
    age(o, now),
    spec.volumeMode ?? UNSET,
  ];
};

const persistentVolumeClaim: RowOf = (o, now) => {
  const { spec = {}, status = {} } = o;
  return [
    o.metadata.name,
    o.metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
    spec.volumeName ?? '',
    spec.volumeName ? (status.capacity?.storage ?? '0') : '',
    spec.volumeName ? accessModes(status.accessModes) : '',
    storageClass(o),
    spec.volumeAttributesClassName ?? UNSET,
    age(o, now),
    spec.volumeMode ?? UNSET,
  ];
};

const replicationController: RowOf = (o, now) => [
  o.metadata.name,
  o.spec?.replicas ?? 0,
  o.status?.replicas ?? 0,
  o.status?.readyReplicas ?? 0,
  age(o, now),
  ...containers(o.spec?.template?.spec),
  labels(o.spec?.selector),
];

const resourceQuota: RowOf = (o, now) => {
  const requests: string[] = [];
  const limits: string[] = [];
  const hard: Record<string, string> = o.status?.hard ?? {};
  for (const name of Object.keys(hard).sort())
    (name.startsWith('limits.') ? limits : requests).push(`${name}: ${o.status?.used?.[name] ?? '0'}/${hard[name]}`);
  return [o.metadata.name, requests.join(', '), limits.join(', '), age(o, now)];
};

const componentStatus: RowOf = (o) => {
  const healthy = (o.conditions ?? []).find((c: Condition) => c.type === 'Healthy');
  const cells: Cell[] = healthy
    ? [healthy.status === 'True' ? 'Healthy' : 'Unhealthy', healthy.message ?? '', healthy.error ?? '']
    : ['Unknown', '', ''];
  return [o.metadata.name, ...cells];
};

export const CORE_ROWS: Readonly<Record<string, RowOf>> = {
  pods: podRow,
  podtemplates: (o) => [o.metadata.name, ...containers(o.template?.spec), labels(o.template?.metadata?.labels)],
  replicationcontrollers: replicationController,
  services: service,
  endpoints: simple((o) => [endpointsText(o)]),
  nodes: node,
  events: event,
  'events.events.k8s.io': event,
  namespaces: simple((o) => [o.status?.phase ?? '']),
  secrets: simple((o) => [o.type ?? '', size(o.data)]),
  configmaps: simple((o) => [size(o.data) + size(o.binaryData)]),
  serviceaccounts: simple(() => []),
  persistentvolumes: persistentVolume,
  persistentvolumeclaims: persistentVolumeClaim,
  resourcequotas: resourceQuota,
  componentstatuses: componentStatus,
};
