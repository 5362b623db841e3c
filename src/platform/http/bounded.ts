/**
 * Parts of a body that are refused at once where they are too long or of a wrong shape. A schema that looks at each element tells of
 * each that is wrong, which makes much of little.
 */
import { z } from '../zod.ts';

/** A list of at most `max`; nothing is said of the elements of a longer one. */
export const boundedList = <T extends z.ZodType>(element: T, max: number) =>
  z
    .preprocess(
      (value) => (Array.isArray(value) && value.length > max ? { length: value.length } : value),
      z.array(element, {
        error: ({ input }) =>
          typeof input === 'object' && input !== null && 'length' in input
            ? `has ${input.length} elements, and may have ${max}`
            : 'must be a list',
      }),
    )
    .openapi({ maxItems: max });

/** An object of at most `max` entries; nothing is said of the entries of a larger one. `what`: what they are, in the plural. */
export const boundedMap = <T extends z.ZodType>(map: T, max: number, what: string) =>
  z
    .preprocess((value, context) => {
      if (typeof value !== 'object' || value === null || Object.keys(value).length <= max) return value;
      context.addIssue({ code: 'custom', message: `must have at most ${max} ${what}` });
      return z.NEVER;
    }, map)
    .openapi({ maxProperties: max });

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

export const textList = () =>
  z.custom<string[]>(isTextList, 'must be a list of texts').openapi({ type: 'array', items: { type: 'string' } });

const isMapOf = (value: unknown, type: 'string' | 'boolean'): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((v) => typeof v === type);

export const textMap = () =>
  z
    .custom<Record<string, string>>((value) => isMapOf(value, 'string'), 'must map texts to texts')
    .openapi({ type: 'object', additionalProperties: { type: 'string' } });

export const switchMap = () =>
  z
    .custom<Record<string, boolean>>((value) => isMapOf(value, 'boolean'), 'must map texts to booleans')
    .openapi({ type: 'object', additionalProperties: { type: 'boolean' } });
