/**
 * The parts of zod that the platform uses. In the bundle this file is the whole of zod: it stands for the package (`[alias]` in
 * wrangler.toml), which @hono/zod-openapi holds as one value, so that nothing of it could be left out; and two thirds of it are languages
 * and forms that nobody here asks for.
 */
export type { core, infer, input, output, RefinementCtx } from 'zod/v4';
export {
  array,
  boolean,
  coerce,
  custom,
  enum,
  int,
  iso,
  literal,
  looseObject,
  NEVER,
  number,
  object,
  preprocess,
  prettifyError,
  record,
  strictObject,
  string,
  tuple,
  union,
  unknown,
  url,
  ZodType,
} from 'zod/v4';
export * as z from './zod-parts.ts';
