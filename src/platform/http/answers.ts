/** What the routes of `/v1` answer beside what was asked for, as the document tells it. */

import { z } from '../zod.ts';
import { PROBLEM_MEDIA_TYPE, problemSchema } from './problem.ts';

export const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

const TOO_MANY = {
  ...problem('Asked too often; `Retry-After` says in how many seconds to ask again.'),
  headers: z.object({
    'retry-after': z.string().openapi({ description: 'Seconds until it makes sense to ask again.', example: '1' }),
  }),
};

/** What any route may answer. */
export const ALWAYS = {
  429: TOO_MANY,
  500: problem('Something went wrong here; it is not the request.'),
};

/** Of what is one cluster's, and asked for with a token. */
export const REFUSED = {
  401: problem('No token, or a wrong one.'),
  403: problem("Another cluster's token, or one that may not do this."),
  404: problem('There is no such cluster, or nothing of that name in it.'),
  ...ALWAYS,
};

/** Of routes that take a body of JSON. */
export const BODY_REFUSED = {
  400: problem('The body is not JSON.'),
  413: problem('The body is too large.'),
  415: problem('The body has another content type.'),
  422: problem('The body asks for something that cannot be; `errors` points to each field.'),
};

/** Of routes that copy a cluster. */
export const COPY_REFUSED = {
  413: problem('That is more than a body, or a cluster, may hold.'),
  503: problem('The copy was interrupted, and nothing is left of it: it may be asked for again.'),
};

/** Where what was made can be found. */
export const LOCATION = z.object({
  location: z.string().openapi({ description: 'The path of what was made.', example: '/v1/clusters/kx3oqmz7ab' }),
});

/** A body of JSON that must be there, or may. `examples` by their names in a few words. */
export const jsonBodyOf = <T extends z.ZodType>(schema: T, required: boolean, examples: Record<string, unknown>) => ({
  required,
  content: {
    'application/json': {
      schema,
      examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
    },
  },
});
