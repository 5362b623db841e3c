/** What a file says of a cluster's making: it may come from anywhere, and is held to the same rules as a request for a cluster. */
import type { SnapshotHeader } from '../etcd/snapshot-file.ts';
import { isTime } from '../simulation/clock.ts';
import { behaviourList } from './behaviours-schema.ts';
import { boundedMap } from './bounded.ts';
import { cidrs } from './cidr.ts';
import { clusterName, seedText } from './cluster-spec.ts';
import type { Making } from './cluster-state.ts';
import { FORMER_NAMES, isFormerName, RECONCILER_NAMES } from './components.ts';
import { MAX_CLOCK_SPEED, MAX_REVISION } from './limits.ts';
import { z } from './zod.ts';

const instant = z
  .number('must be milliseconds since 1970')
  .refine(isTime, 'must be whole milliseconds since 1970, before the year 10000');
const port = z.int('must be a port').min(1, 'must be a port').max(65_535, 'must be a port');

/** What earlier versions named and nothing stands for is left out. */
const switches = z
  .record(z.string(), z.boolean('must be true or false'))
  .transform((named) => Object.fromEntries(Object.entries(named).filter(([name]) => !isFormerName(name))))
  .superRefine((named, context) => {
    for (const name of Object.keys(named))
      if (!RECONCILER_NAMES.includes(name))
        context.addIssue({ code: 'custom', path: [name], message: 'no controller has this name' });
  });
const controllers = boundedMap(switches, RECONCILER_NAMES.length + FORMER_NAMES, 'controllers');

const making = z
  .object({
    name: clusterName,
    seed: seedText,
    ...cidrs.shape,
    nodePortRange: z
      .tuple([port, port], 'must be the first and the last port')
      .refine(([first, last]) => first <= last, 'must be the first and the last port'),
    components: z.object({
      scheduler: z.boolean(),
      kubelet: z.boolean(),
      kubeProxy: z.boolean(),
      controllers,
      disabledAdmissionPlugins: z.array(z.enum(['ServiceAccount'], 'must be ServiceAccount')).optional(),
    }),
    clock: z.object({ start: instant, speed: z.number().positive().max(MAX_CLOCK_SPEED), paused: z.boolean() }),
    behaviours: behaviourList.optional(),
    baseTime: instant.optional(),
  })
  .superRefine(cidrs.apart);

const header = z.object({
  revision: z
    .number('must be a number')
    .refine(
      (n) => Number.isInteger(n) && n >= 1 && n <= MAX_REVISION,
      `must be a whole number from 1 to ${MAX_REVISION}`,
    ),
  time: instant,
  making,
});

/** The header with what is known of it, and nothing else. @throws Error that names the first field that is wrong. */
export function checkedHeader(given: SnapshotHeader<unknown>): SnapshotHeader<Making> {
  const checked = header.safeParse(given);
  if (checked.success)
    return { ...given, ...(checked.data as Pick<SnapshotHeader<Making>, 'revision' | 'time' | 'making'>) };
  const [issue] = checked.error.issues;
  throw new Error(`${issue!.path.map(String).join('.')}: ${issue!.message}`);
}
