/** A Deployment's ReplicaSets: how they are made, named, annotated and told apart. Source: pkg/controller/deployment/util. */

import { sameData } from '../../objects/equality.ts';
import type { Deployment, ReplicaSet } from '../../objects/generated/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../../objects/generated/core-v1.gen.ts';
import { parseInt64 } from '../../objects/int64.ts';
import { milliseconds } from '../../objects/time.ts';
import { controllerReference } from '../owners.ts';
import { MAX_REPLICAS, maxSurge } from './deployment-scale.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const HASH_LABEL = 'pod-template-hash';
/** Annotations of a Deployment that its ReplicaSets don't get. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);
export const MAX_HISTORY_CHARACTERS = 2000;
export const MAX_NAME_LENGTH = 253;
/** The largest int32: as a limit or a deadline it means none. */
export const NONE = 2147483647;

/** The set of the Deployment's present template, empty for now. */
export function newSet(deployment: Deployment, hash: string, revision: string): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: setName(deployment, hash),
      namespace: deployment.metadata.namespace as string,
      labels,
      annotations: { ...inheritedAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
}

export const setName = (deployment: Deployment, hash: string): string =>
  `${deployment.metadata.name.slice(0, MAX_NAME_LENGTH - 1 - hash.length)}-${hash}`;

export const sizeAnnotations = (deployment: Deployment): Record<string, string> => {
  const replicas: number = deployment.spec.replicas ?? 1;
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge(deployment)) };
};

/** The Deployment's annotations over the set's, and its revision; a revision that it had before goes into its history. */
export function inheritedAnnotations(
  deployment: Deployment,
  own: Record<string, string>,
  revision: string,
): Record<string, string> {
  const annotations = { ...own };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.has(key)) annotations[key] = value;
  }
  const before = own[REVISION];
  const [old, fresh] = [before ? parseInt64(before) : 0n, parseInt64(revision)];
  // What is no number is left as it is.
  if (old === undefined || fresh === undefined || old >= fresh) return annotations;
  annotations[REVISION] = revision;
  if (before !== undefined) {
    const history = (own[REVISION_HISTORY] ?? '').split(',').filter((item) => item !== '');
    history.push(before);
    while (history.join(',').length > MAX_HISTORY_CHARACTERS) history.shift();
    annotations[REVISION_HISTORY] = history.join(',');
  }
  return annotations;
}

export const wanted = (set: ReplicaSet): number => set.spec.replicas ?? 0;
export const available = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;
export const isActiveSet = (set: ReplicaSet): boolean => wanted(set) > 0;
export const sum = (sets: ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);

/** 0 where the set says none; undefined: what it says is no number of 64 bits. */
const revisionOf = (set: ReplicaSet): bigint | undefined => parseInt64(set.metadata.annotations?.[REVISION] ?? '0');

/** The revision after those that the sets have had. */
export function nextRevision(sets: ReplicaSet[]): string {
  let newest = 0n;
  for (const set of sets) {
    const revision = revisionOf(set) ?? 0n;
    if (revision > newest) newest = revision;
  }
  return String(BigInt.asIntN(64, newest + 1n));
}

/** The oldest revision first; those that cannot be told apart by it, by their age. */
export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [before, after] = [revisionOf(a), revisionOf(b)];
  if (before === undefined || after === undefined || before === after) return byCreation(a, b);
  return before < after ? -1 : 1;
}

export const byCreation = (a: ReplicaSet, b: ReplicaSet): number =>
  milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

export function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const replicas = deployment.spec.replicas ?? 1;
  const desired = Number(set.metadata.annotations?.[DESIRED_REPLICAS]);
  return wanted(set) === replicas && desired === replicas && available(set) === replicas;
}

export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return sameData(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  if (!template.metadata?.labels?.[HASH_LABEL]) return template;
  const { [HASH_LABEL]: _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}
