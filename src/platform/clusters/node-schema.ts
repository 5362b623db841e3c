/** The nodes that a cluster is made with, as a request gives them. */
import { DNS1123_SUBDOMAIN, isLabelValue, isQualifiedName } from '../../objects/names.ts';
import { QuantityError } from '../../objects/quantity.ts';
import { validateQuantity } from '../../objects/resource-names.ts';
import { boundedMap } from '../http/bounded.ts';
import {
  MAX_NODE_LABELS,
  MAX_NODE_NAME_LENGTH,
  MAX_NODE_RESOURCES,
  MAX_NODE_TAINTS,
  MAX_QUANTITY_LENGTH,
} from '../limits.ts';
import { z } from '../zod.ts';

const qualifiedName = z
  .string()
  .refine((text) => isQualifiedName(text).length === 0, 'must be a qualified name, e.g. zone or example.com/zone');
const labelValue = z
  .string()
  .max(63)
  .refine((text) => isLabelValue(text).length === 0, 'must be a label value: letters, digits, -, _ and .');
const quantity = z
  .union([z.string().max(MAX_QUANTITY_LENGTH), z.number()], 'must be a quantity, e.g. 2, "500m" or "64Gi"')
  .transform(String);

/** What is wrong with an amount of a resource, as the API would say it of a node's status. */
function amountProblem(resource: string, amount: string): string | undefined {
  try {
    return validateQuantity(resource, amount, '')[0]?.message;
  } catch (error) {
    if (error instanceof QuantityError) return 'must be a quantity, e.g. 2, 500m or 64Gi';
    throw error;
  }
}

const amounts = z.record(qualifiedName, quantity).superRefine((given, context) => {
  for (const [resource, amount] of Object.entries(given)) {
    const message = amountProblem(resource, amount);
    if (message) context.addIssue({ code: 'custom', path: [resource], message });
  }
});

const taint = z.strictObject({
  key: qualifiedName.openapi({ description: 'Its name.', example: 'dedicated' }),
  value: labelValue.optional().openapi({ description: 'What a toleration compares.', example: 'gpu' }),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .openapi({ description: 'What becomes of pods that do not tolerate it.' }),
});

const taints = z
  .array(taint)
  .max(MAX_NODE_TAINTS)
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, { key, effect }] of list.entries()) {
      if (seen.has(`${effect}/${key}`))
        context.addIssue({ code: 'custom', path: [index], message: 'another taint has this key and this effect' });
      seen.add(`${effect}/${key}`);
    }
  });

export const nodeSchema = z
  .strictObject({
    name: z
      .string()
      .max(MAX_NODE_NAME_LENGTH)
      .regex(DNS1123_SUBDOMAIN, 'must be a DNS subdomain, e.g. node-1')
      .openapi({ description: 'Its name, which is also its label `kubernetes.io/hostname`.', example: 'node-1' }),
    capacity: boundedMap(amounts, MAX_NODE_RESOURCES, 'resources')
      .default({})
      .openapi({
        description: 'Amounts by resource, beside or instead of 16 CPUs, 64Gi and 500 pods.',
        example: { cpu: '8', memory: '32Gi' },
      }),
    labels: boundedMap(z.record(qualifiedName, labelValue), MAX_NODE_LABELS, 'labels')
      .default({})
      .openapi({ description: 'Labels beside those that every node has.', example: { disk: 'ssd' } }),
    taints: taints.default([]).openapi({ description: 'What keeps pods away that do not tolerate it.' }),
  })
  .openapi('NodeRequest', { description: 'A node that the cluster is to have.' });
