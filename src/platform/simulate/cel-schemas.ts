/** What `/v1/simulate/cel` takes and answers. */
import { PER_CALL_LIMIT } from '../../cel/cel.ts';
import { MAX_EXPRESSION_SIZE } from '../../cel/parse.ts';
import { z } from '../zod.ts';

const PLACES = [
  'rule',
  'messageExpression',
  'policy',
  'policyMessage',
  'policyVariable',
  'applyConfiguration',
  'jsonPatch',
  'matchCondition',
] as const;

export const celRequest = z
  .strictObject({
    expression: z
      .string()
      .max(2 * MAX_EXPRESSION_SIZE)
      .openapi({ description: 'The expression.', example: 'self.replicas <= self.max' }),
    place: z.enum(PLACES).openapi({
      description:
        'Where Kubernetes would evaluate it: a rule of a schema (`x-kubernetes-validations`) or its `messageExpression`, with `self` and ' +
        '`oldSelf`; a validation of an admission policy, its `messageExpression` or one of its variables, with `object`, `oldObject`, ' +
        "`request`, `namespaceObject` and `params`; a mutation of such a policy, with the same; or a webhook's match condition, with all but " +
        'the last of these.',
    }),
    schema: z.looseObject({}).optional().openapi({
      description: 'For a rule: the schema of the value that it is about, as a CustomResourceDefinition has it.',
    }),
    resource: z.boolean().default(false).openapi({
      description:
        'Whether the schema is of a whole resource, which has `kind`, `apiVersion` and `metadata` whatever the schema says.',
    }),
    optionalOldSelf: z.boolean().default(false).openapi({
      description: 'Whether `oldSelf` is an optional, which is empty if there is no such value.',
    }),
    values: z.record(z.string(), z.unknown()).default({}).openapi({ description: 'The variables, by their names.' }),
  })
  .openapi('CelRequest', {
    description: 'An expression, the place where it would stand, and the values that it is about.',
  });

export const celAnswer = z
  .object({
    type: z.string().optional().openapi({ description: 'What the expression is of.', example: 'bool' }),
    refused: z
      .string()
      .optional()
      .openapi({ description: 'Why it would not be accepted there, in the words of the API server.' }),
    value: z
      .unknown()
      .optional()
      .openapi({
        description:
          'What it comes to. Numbers beyond what JSON holds, bytes (base64), durations, times and values of libraries are texts; an ' +
          'optional is `{"optional": value}`.',
      }),
    error: z.string().optional().openapi({ description: 'Why it comes to nothing.' }),
    estimatedCost: z
      .object({
        min: z.number().openapi({ description: 'At least.' }),
        max: z.number().openapi({ description: 'At most.' }),
      })
      .optional()
      .openapi({ description: 'What it may cost by what the schema says of the values.' }),
    spentCost: z
      .number()
      .optional()
      .openapi({ description: `What it has cost. Kubernetes ends one evaluation at ${PER_CALL_LIMIT}.` }),
  })
  .openapi('CelAnswer', { description: 'What the expression comes to, or why it does not, and what it costs.' });
