/**
 * What is said of a cluster in more than one place, each field with its one parser: a request for a cluster, a change, a fork, a token and a
 * file are told the same of the same value. The ranges are in cidr.ts, nodes in node-schema.ts, behaviours in behaviours-schema.ts.
 */
import { DNS1123_SUBDOMAIN } from '../../objects/names.ts';
import { boundedMap } from '../http/bounded.ts';
import {
  MAX_CLOCK_SPEED,
  MAX_NAME_LENGTH,
  MAX_REVISION,
  MAX_SEED_LENGTH,
  MAX_TTL_SECONDS,
  MIN_TTL_SECONDS,
} from '../limits.ts';
import { z } from '../zod.ts';
import { COMPONENTS, componentName, componentProblem } from './components.ts';

export const clusterName = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(DNS1123_SUBDOMAIN, 'must be a DNS subdomain, e.g. lesson-3');

const SEED_PROBLEM = 'must be a text or a whole number';

export const seed = z
  .union([z.string().min(1).max(MAX_SEED_LENGTH), z.int(SEED_PROBLEM)], SEED_PROBLEM)
  .transform(String);

/** Seconds. */
export const ttl = z.int().min(MIN_TTL_SECONDS).max(MAX_TTL_SECONDS);

/** Times real time. */
export const clockSpeed = z.number().positive().max(MAX_CLOCK_SPEED);

export const onOrOff = z.boolean('must be true or false');

export const causesSchema = onOrOff.openapi({
  description:
    'false: it is not kept what each write was made for, so the cluster can tell no stories. It is kept by default.',
});

const REVISION_PROBLEM = `must be a whole number from 1 to ${MAX_REVISION}`;

export const revision = z
  .int(REVISION_PROBLEM)
  .min(1, REVISION_PROBLEM)
  .max(MAX_REVISION, REVISION_PROBLEM)
  .openapi({ format: 'int64' });

/** A revision in a query. */
export const queriedRevision = z.coerce
  .number(REVISION_PROBLEM)
  .pipe(revision)
  .openapi({ type: 'integer', format: 'int64', minimum: 1, maximum: MAX_REVISION });

/** Parts on or off, by each of their names; what comes of it has the one that `componentName` answers. */
export const switches = boundedMap(
  z.record(z.string(), onOrOff).transform((given, context): Record<string, boolean> => {
    const switched = new Map<string, boolean>();
    for (const [name, on] of Object.entries(given)) {
      const known = componentName(name);
      if (known !== undefined && !switched.has(known)) {
        switched.set(known, on);
        continue;
      }
      const message = componentProblem(name) ?? `${known} is named twice`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
    return Object.fromEntries(switched);
  }),
  COMPONENTS,
  'components',
);
