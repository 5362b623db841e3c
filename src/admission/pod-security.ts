/**
 * PodSecurity: the Pod Security Standards that a namespace's labels ask for.
 * Source: k8s.io/pod-security-admission and the Pod Security Standards page of the documentation.
 */

import type { StageContext } from '../catalog/strategy.ts';
import { type FieldError, invalid } from '../objects/field-error.ts';
import type { KubeObject } from '../objects/object.ts';
import { forbidden, invalid as invalidObject } from '../objects/status.ts';
import type { Level, Templated } from './pod-security-rule.ts';
import { evaluate } from './pod-security-standards.ts';

interface Policy {
  level: Level;
  version: string;
}

interface Policies {
  enforce: Policy;
  warn: Policy;
}

const LABEL = 'pod-security.kubernetes.io/';
const MODES = ['enforce', 'audit', 'warn'] as const;
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const VERSION = /^v1\.(0|[1-9][0-9]*)$/;

const isLevel = (text: string): text is Level => LEVELS.includes(text as Level);
const isVersion = (text: string): boolean => text === 'latest' || VERSION.test(text);
const stricter = (a: Level, b: Level): boolean => LEVELS.indexOf(a) > LEVELS.indexOf(b);

type Labels = Record<string, string> | undefined;

/** What labels cannot mean, in the order in which they are read. */
function labelErrors(labels: Labels): FieldError[] {
  const errors: FieldError[] = [];
  for (const mode of MODES) {
    const [level, version] = [labels?.[`${LABEL}${mode}`], labels?.[`${LABEL}${mode}-version`]];
    if (level !== undefined && !isLevel(level))
      errors.push(invalid(`metadata.labels[${LABEL}${mode}]`, level, `must be one of ${LEVELS.join(', ')}`));
    if (version !== undefined && !isVersion(version))
      errors.push(invalid(`metadata.labels[${LABEL}${mode}-version]`, version, 'must be "latest" or "v1.x"'));
  }
  return errors;
}

/** What labels ask for. A level that is none is the strictest to enforce and none to warn by; nobody is warned of less than is enforced. */
function policiesOf(labels: Labels): Policies {
  const level = (mode: string, otherwise: Level): Level => {
    const text = labels?.[`${LABEL}${mode}`];
    return text === undefined ? 'privileged' : isLevel(text) ? text : otherwise;
  };
  const version = (mode: string): string => {
    const text = labels?.[`${LABEL}${mode}-version`];
    return text !== undefined && isVersion(text) ? text : 'latest';
  };
  const enforce: Policy = { level: level('enforce', 'restricted'), version: version('enforce') };
  const warn: Policy = { level: level('warn', 'privileged'), version: version('warn') };
  const said = labels?.[`${LABEL}enforce`];
  if (labels?.[`${LABEL}warn`] === undefined && said !== undefined && isLevel(said) && stricter(said, warn.level)) {
    warn.level = said;
    if (labels?.[`${LABEL}warn-version`] === undefined) warn.version = enforce.version;
  }
  return { enforce, warn };
}

const namespaceLabels = (context: StageContext): Labels =>
  context.view.get('namespaces', undefined, context.namespace ?? '')?.metadata.labels;

/** Refuses a pod that the namespace's `enforce` level does not allow, and warns by its `warn` level. */
export function reviewPodSecurity(pod: KubeObject, context: StageContext): void {
  const { level, version } = policiesOf(namespaceLabels(context)).enforce;
  const fault = evaluate(level, pod, version);
  if (fault)
    throw forbidden(
      { group: '', resource: 'pods' },
      pod.metadata.name ?? '',
      `violates PodSecurity "${level}:${version}": ${fault.detail}`,
    );
  warnPodSecurity(pod, context);
}

/** For what contains a pod template: it is let through, with a word of warning. */
export function warnPodSecurity(pod: Templated, context: StageContext): void {
  if (!context.warn) return;
  const { level, version } = policiesOf(namespaceLabels(context)).warn;
  const fault = evaluate(level, pod, version);
  if (fault) context.warn(`would violate PodSecurity "${level}:${version}": ${fault.detail}`);
}

/** Whether an update changes what the standards look at. */
export function isSignificantUpdate(pod: KubeObject, old: KubeObject): boolean {
  const changed = (kind: string): boolean => {
    const before: any[] = old.spec[kind] ?? [];
    const now: any[] = pod.spec[kind] ?? [];
    return before.length !== now.length || now.some((c, i) => c.image !== before[i].image);
  };
  return ['initContainers', 'containers', 'ephemeralContainers'].some(changed);
}

/** Labels of a namespace must mean something, and what is there already is looked at by a new level to enforce. */
export function reviewNamespaceLabels(object: KubeObject, old: KubeObject | undefined, context: StageContext): void {
  if (context.subresource) return;
  const errors = labelErrors(object.metadata.labels);
  const known = old ? labelErrors(old.metadata.labels) : [];
  if (errors.length > 0 && JSON.stringify(errors) !== JSON.stringify(known))
    throw invalidObject('', 'Namespace', object.metadata.name, errors);
  if (!old || !context.warn) return;
  const [now, before] = [policiesOf(object.metadata.labels).enforce, policiesOf(old.metadata.labels).enforce];
  if (now.level === 'privileged' || (now.version === before.version && !stricter(now.level, before.level))) return;
  for (const warning of warningsForPods(now, object.metadata.name, context)) context.warn(warning);
}

/** At most so many pods are looked at. */
export const MAX_PODS = 3000;

function warningsForPods({ level, version }: Policy, namespace: string, context: StageContext): string[] {
  const pods = prioritized(context.view.list('pods', namespace));
  const violations = new Map<string, string[]>();
  for (const pod of pods.slice(0, MAX_PODS)) {
    const fault = evaluate(level, pod, version);
    if (fault) violations.set(fault.reason, [...(violations.get(fault.reason) ?? []), pod.metadata.name]);
  }
  const warnings: string[] = [];
  if (pods.length > MAX_PODS)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${MAX_PODS} of ${pods.length} existing pods`,
    );
  if (violations.size > 0)
    warnings.push(
      `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level "${level}:${version}"`,
    );
  const lines = [...violations].map(([reason, names]) => {
    const others = names.length - 1;
    const more = others === 0 ? '' : others === 1 ? ' (and 1 other pod)' : ` (and ${others} other pods)`;
    return `${names.sort()[0]}${more}: ${reason}`;
  });
  return [...warnings, ...lines.sort()];
}

/** One pod of each controller first. */
function prioritized(pods: readonly KubeObject[]): KubeObject[] {
  const seen = new Set<string>();
  const [first, rest]: [KubeObject[], KubeObject[]] = [[], []];
  for (const pod of pods) {
    const uid = pod.metadata.ownerReferences?.find((r: any) => r.controller)?.uid;
    if (uid !== undefined && seen.has(uid)) rest.push(pod);
    else first.push(pod);
    if (uid !== undefined) seen.add(uid);
  }
  return [...first, ...rest];
}
