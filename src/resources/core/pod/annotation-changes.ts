/** What of a pod's annotations may not change. */

import { type FieldError, forbidden } from '../../../objects/field-error.ts';
import type { Pod } from '../../../objects/generated/core-v1.gen.ts';
import { validatePodAnnotations } from './annotations.ts';

export const MIRROR = 'kubernetes.io/config.mirror';

export function annotationChanges(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const now = pod.metadata.annotations ?? {};
  const before = old.metadata.annotations ?? {};
  for (const key of Object.keys(before)) {
    if (now[key] === before[key]) continue;
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) errors.push(forbidden(path, 'may not remove or update AppArmor annotations'));
    if (key === MIRROR) errors.push(forbidden(path, 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(now)) {
    if (key in before) continue;
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) errors.push(forbidden(path, 'may not add AppArmor annotations'));
    if (key === MIRROR) errors.push(forbidden(path, 'may not add mirror pod annotation'));
  }
  errors.push(...validatePodAnnotations(pod.metadata.annotations, pod.spec, 'metadata.annotations'));
  return errors;
}

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
