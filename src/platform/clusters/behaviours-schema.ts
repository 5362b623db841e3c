/** The field `behaviours` of a cluster's making, see simulation/behaviours.ts. */
import { parseQuantity } from '../../objects/quantity.ts';
import { type Behaviour, DEFAULT_BEHAVIOURS } from '../../simulation/behaviours.ts';
import { boundedMap } from '../http/bounded.ts';
import { MAX_BEHAVIOURS, MAX_MATCH_LABELS, MAX_MATCH_LENGTH } from '../limits.ts';
import { z } from '../zod.ts';
import { onOrOff } from './cluster-fields.ts';

const text = z.string().min(1).max(MAX_MATCH_LENGTH);
const pattern = (what: string) => text.openapi({ description: `${what}; \`*\` stands for any characters.` });

const quantity = (example: string) =>
  z
    .string()
    .max(MAX_MATCH_LENGTH)
    .refine(isAmount, 'must be a quantity of no less than 0')
    .openapi({ description: 'A quantity.', example });

function isAmount(text: string): boolean {
  try {
    return parseQuantity(text).nanos >= 0n;
  } catch {
    return false;
  }
}

const match = z
  .strictObject({
    namespace: text.optional().openapi({ description: "The pod's namespace.", example: 'default' }),
    pod: pattern("The pod's name").optional(),
    labels: boundedMap(z.record(text, z.string().max(MAX_MATCH_LENGTH)), MAX_MATCH_LABELS, 'labels')
      .optional()
      .openapi({ description: 'Labels of the pod.' }),
    container: text.optional().openapi({ description: "The container's name.", example: 'nginx' }),
    image: pattern('The image as the pod writes it').optional(),
  })
  .openapi({ description: 'Which containers: all that is given must match, and `{}` matches every one.' });

const behaviour = z
  .strictObject({
    match,
    ready: onOrOff.optional().openapi({
      description:
        'false: it runs and never becomes ready. true: its probes succeed, whatever is known of their targets.',
    }),
    pace: z.enum(['instant', 'realistic']).optional().openapi({
      description: 'realistic: a pod takes its time to start and to be over, and shows the steps between.',
    }),
    usage: z
      .strictObject({ cpu: quantity('250m').optional(), memory: quantity('64Mi').optional() })
      .optional()
      .openapi({
        description:
          'What it uses of its node while it runs, as metrics.k8s.io tells it; by default a share of what it requests.',
      }),
  })
  .transform((rule) => rule as Behaviour)
  .openapi('Behaviour', { description: 'A rule of how containers behave.' });

export const behaviourList = z.array(behaviour).max(MAX_BEHAVIOURS);

export const behavioursSchema = behaviourList
  .default(DEFAULT_BEHAVIOURS)
  .openapi({ description: 'How containers behave; the first rule that says something of a matter counts.' });
