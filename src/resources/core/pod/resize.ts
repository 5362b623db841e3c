/** What a pod's `resize` may change. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodResize. */

import { type FieldError, forbidden, invalid, WHOLE_OBJECT } from '../../../objects/field-error.ts';
import type { Container, Pod } from '../../../objects/generated/core-v1.gen.ts';
import { goEqual } from '../../../objects/go-value.ts';
import { qosClassOf } from '../../../objects/quality-of-service.ts';
import { MIRROR } from './annotation-changes.ts';
import { validatePodSpecAndAnnotations } from './validation.ts';

/** Of a container's resources only cpu and memory can be resized. */
function withoutCompute(container: Container, old: Container): Container {
  // biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
  const restore = (now: any, before: any): any => {
    const { cpu: _cpu, memory: _memory, ...rest } = now ?? {};
    const { cpu, memory } = before ?? {};
    return { ...rest, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  };
  return {
    ...container,
    resources: {
      ...container.resources,
      limits: restore(container.resources?.limits, old.resources?.limits),
      requests: restore(container.resources?.requests, old.resources?.requests),
    },
  };
}

export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  const errors = validatePodSpecAndAnnotations(pod);
  if (old.metadata.annotations?.[MIRROR] !== undefined)
    return [forbidden(WHOLE_OBJECT, 'static pods cannot be resized')];
  if (old.spec.os?.name === 'windows') return [forbidden(WHOLE_OBJECT, 'windows pods cannot be resized')];
  if ((old.status?.qosClass ?? qosClassOf(old.spec)) !== qosClassOf(pod.spec))
    errors.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  const order: FieldError[] = [];
  for (const key of ['containers', 'initContainers'] as const) {
    const now = pod.spec[key] ?? [];
    const before = old.spec[key] ?? [];
    if (now.length !== before.length)
      order.push(forbidden(`spec.${key}`, `${key} may not be added or removed on resize`));
    else
      for (const [i, container] of before.entries())
        if (now[i]!.name !== container.name)
          order.push(forbidden(`spec.${key}[${i}].name`, `${key} may not be renamed or reordered on resize`));
  }
  if (order.length > 0) return [...errors, ...order];
  for (const key of ['initContainers', 'containers'] as const)
    for (const [i, container] of (old.spec[key] ?? []).entries())
      for (const kind of ['requests', 'limits'] as const)
        for (const name of Object.keys(container.resources?.[kind] ?? {}))
          if (pod.spec[key]![i]!.resources?.[kind]?.[name] === undefined) {
            errors.push(forbidden(`spec.${key}[${i}].resources.${kind}`, `resource ${kind} cannot be removed`));
            break;
          }
  for (const [i, container] of (pod.spec.containers ?? []).entries()) {
    const before = old.spec.containers[i]!;
    if (!goEqual('core.Container', withoutCompute(container, before), withoutCompute(before, before)))
      errors.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  }
  return errors;
}
