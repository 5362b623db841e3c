/**
 * PodSecurity: the Pod Security Standards that a namespace's labels ask for.
 * Source: k8s.io/pod-security-admission and the Pod Security Standards page of the documentation.
 */
import { forbidden } from '../apiserver/status.ts';
import type { KubeObject } from './object.ts';
import { evaluate, type Level, type Templated } from './pod-security-standards.ts';
import type { StageContext } from './strategy.ts';

interface Policy {
  level: Level;
  version: string;
}

const LABEL = 'pod-security.kubernetes.io/';

function policyOf(labels: Record<string, string> | undefined, mode: 'enforce' | 'warn'): Policy {
  const level = labels?.[`${LABEL}${mode}`];
  const version = labels?.[`${LABEL}${mode}-version`] ?? 'latest';
  if (level === 'baseline' || level === 'restricted') return { level, version };
  return { level: 'privileged', version };
}

const namespaceLabels = (context: StageContext): Record<string, string> | undefined =>
  context.view.get('namespaces', undefined, context.namespace ?? '')?.metadata.labels;

/** Refuses a pod that the namespace's `enforce` level does not allow, and warns by its `warn` level. */
export function reviewPodSecurity(pod: KubeObject, context: StageContext): void {
  const labels = namespaceLabels(context);
  const { level, version } = policyOf(labels, 'enforce');
  const fault = evaluate(level, pod);
  if (fault)
    throw forbidden(
      { group: '', resource: 'pods' },
      pod.metadata.name ?? '',
      `violates PodSecurity "${level}:${version}": ${fault}`,
    );
  warnPodSecurity(pod, context);
}

/** For what contains a pod template: it is let through, with a word of warning. */
export function warnPodSecurity(pod: Templated, context: StageContext): void {
  if (!context.warn) return;
  const labels = namespaceLabels(context);
  const { level, version } = policyOf(labels, 'warn');
  const fault = evaluate(level, pod);
  if (fault) context.warn(`would violate PodSecurity "${level}:${version}": ${fault}`);
}
