/** A pod with what the scheduler derives from it, derived once an object. */

import type { Pod, PodAffinity, PodAffinityTerm } from '../objects/generated/core-v1.gen.ts';
import { bare } from '../objects/own.ts';
import type { LabelSelector } from '../objects/selectors.ts';
import { sizeOf } from '../simulation/work-budget.ts';
import { type Amounts, podRequests } from './amounts.ts';

export interface AffinityTerm {
  topologyKey: string;
  /** Undefined selects nothing, an empty one everything. */
  selector: LabelSelector | undefined;
  namespaces: string[];
  namespaceSelector: LabelSelector | undefined;
  /** 0 for a required one. */
  weight: number;
  /** Steps that it takes to compare it with a pod. */
  size: number;
  /** Two that are the same have the same. */
  id: string;
}

export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

export interface PodInfo {
  pod: Pod;
  namespace: string;
  name: string;
  uid: string;
  labels: Record<string, string>;
  priority: number;
  /** What it asks for. */
  requests: Amounts;
  /** The same with the defaults that scoring assumes. */
  scoringRequests: Amounts;
  hostPorts: HostPort[];
  requiredAffinity: AffinityTerm[];
  requiredAntiAffinity: AffinityTerm[];
  preferredAffinity: AffinityTerm[];
  preferredAntiAffinity: AffinityTerm[];
}

const known = new WeakMap<Pod, PodInfo>();

export function podInfo(pod: Pod): PodInfo {
  let info = known.get(pod);
  if (!info) {
    info = derive(pod);
    known.set(pod, info);
  }
  return info;
}

function derive(pod: Pod): PodInfo {
  const namespace = pod.metadata.namespace ?? 'default';
  const affinity = pod.spec?.affinity;
  const required = (rules: PodAffinity | undefined): AffinityTerm[] =>
    (rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => affinityTerm(t, namespace, 0));
  const preferred = (rules: PodAffinity | undefined): AffinityTerm[] =>
    (rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) =>
      affinityTerm(t.podAffinityTerm ?? {}, namespace, t.weight ?? 0),
    );
  return {
    pod,
    namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    labels: bare(pod.metadata.labels),
    priority: pod.spec?.priority ?? 0,
    requests: podRequests(pod, false),
    scoringRequests: podRequests(pod, true),
    hostPorts: hostPorts(pod),
    requiredAffinity: required(affinity?.podAffinity),
    requiredAntiAffinity: required(affinity?.podAntiAffinity),
    preferredAffinity: preferred(affinity?.podAffinity),
    preferredAntiAffinity: preferred(affinity?.podAntiAffinity),
  };
}

function affinityTerm(term: Partial<PodAffinityTerm>, podNamespace: string, weight: number): AffinityTerm {
  const own = !term.namespaces?.length && !term.namespaceSelector;
  const read = {
    topologyKey: term.topologyKey ?? '',
    selector: term.labelSelector ?? undefined,
    namespaces: own ? [podNamespace] : (term.namespaces ?? []),
    namespaceSelector: term.namespaceSelector ?? undefined,
    weight,
  };
  return { ...read, size: sizeOf(term), id: JSON.stringify(read) };
}

const sizes = new WeakMap<PodInfo, number>();

/** How many values a pod's rules have: what it costs to hold them against one node. */
export function rulesOf(info: PodInfo): number {
  let size = sizes.get(info);
  if (size === undefined) {
    size = sizeOf(info.pod.spec);
    sizes.set(info, size);
  }
  return size;
}

function hostPorts(pod: Pod): HostPort[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  const ports: HostPort[] = [];
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const port of container.ports ?? []) {
      const number = port.hostPort ?? (pod.spec?.hostNetwork ? port.containerPort : 0);
      if (number > 0) ports.push({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol || 'TCP', port: number });
    }
  }
  return ports;
}

export const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

export const hasPodAffinity = (info: PodInfo): boolean =>
  info.requiredAffinity.length + info.requiredAntiAffinity.length > 0 ||
  info.preferredAffinity.length + info.preferredAntiAffinity.length > 0;
