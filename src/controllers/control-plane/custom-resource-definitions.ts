/** What the controllers of definitions share: the API server itself runs them. */
import { withCondition } from '../../objects/conditions.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import type { Write } from '../../simulation/reconciler.ts';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
export const DEFINITIONS_MANAGER = 'kube-apiserver';

export const conditionIn = (definition: CustomResourceDefinition, type: string) =>
  definition.status?.conditions?.find((condition) => condition.type === type);

export const holds = (definition: CustomResourceDefinition, type: string): boolean =>
  conditionIn(definition, type)?.status === 'True';

/** The definition with some conditions set. */
export function withConditions(
  definition: CustomResourceDefinition,
  now: number,
  ...set: Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>[]
): CustomResourceDefinition {
  let conditions = definition.status?.conditions ?? [];
  for (const condition of set)
    conditions = withCondition(conditions, { lastTransitionTime: timestamp(now), ...condition });
  return { ...definition, status: { ...definition.status, conditions } };
}

export const statusWrite = (definition: CustomResourceDefinition): Write<KubeObject> => ({
  verb: 'update',
  subresource: 'status',
  object: definition as KubeObject,
});
