/** Annotations of pods that once were fields, and are still checked. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { localPath } from '../../../objects/field-checks.ts';
import { type FieldError, invalid } from '../../../objects/field-error.ts';
import type { PodSpec } from '../../../objects/generated/core-v1.gen.ts';
import { containersOf } from './security-context.ts';

const MIRROR = 'kubernetes.io/config.mirror';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';

const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function seccompAnnotation(profile: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return localPath(profile.slice('localhost/'.length), field);
  return [invalid(field, profile, 'must be a valid seccomp profile')];
}

/** Annotations that once were fields. */
export function validatePodAnnotations(
  annotations: Record<string, string> | undefined,
  spec: PodSpec,
  field: string,
): FieldError[] {
  if (!annotations) return [];
  const errors: FieldError[] = [];
  const mirror = annotations[MIRROR];
  if (mirror !== undefined && !spec.nodeName)
    errors.push(invalid(`${field}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !(/^(0|-?[1-9]\d*)$/.test(cost) && Number(cost) === (Number(cost) | 0)))
    errors.push(invalid(`${field}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  for (const [key, value] of Object.entries(annotations))
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
      errors.push(...seccompAnnotation(value, `${field}.${key}`));
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(APP_ARMOR)) continue;
    const name = key.slice(APP_ARMOR.length);
    if (![...containersOf(spec, '')].some(([container]) => container.name === name))
      errors.push(invalid(`${field}[${key}]`, name, 'container not found'));
    if (value && value !== 'runtime/default' && value !== 'unconfined' && !value.startsWith('localhost/'))
      errors.push(invalid(`${field}[${key}]`, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`));
  }
  return errors;
}
