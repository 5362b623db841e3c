/** Priority: what a pod's class says of its priority. Source: k8s.io/kubernetes/plugin/pkg/admission/priority. */

import type { StageContext } from '../catalog/strategy.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { PriorityClass } from '../objects/generated/scheduling-v1.gen.ts';
import { refusePod } from './refuse-pod.ts';

export function admitPriority(pod: Pod, context: StageContext): void {
  const { spec } = pod;
  let value = 0;
  let policy: string | undefined = 'PreemptLowerPriority';
  let found: PriorityClass | undefined;
  if (spec.priorityClassName) {
    found = context.view.get('priorityclasses.scheduling.k8s.io', undefined, spec.priorityClassName);
    if (!found) throw refusePod(pod, `no PriorityClass with name ${spec.priorityClassName} was found`);
  } else
    for (const candidate of context.view.list('priorityclasses.scheduling.k8s.io'))
      if (candidate.globalDefault && (!found || found.value > candidate.value)) found = candidate;
  if (found) {
    spec.priorityClassName = found.metadata.name;
    value = found.value ?? 0;
    policy = found.preemptionPolicy;
  }
  if (spec.priority !== undefined && spec.priority !== value)
    throw refusePod(
      pod,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  spec.priority = value;
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw refusePod(
      pod,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  spec.preemptionPolicy = policy;
}
