/** What a file says of a cluster's making: it may come from anywhere, and is held to the same rules as a request for a cluster. */
import { FORMAT, FORMAT_VERSION, type SnapshotHeader } from '../../etcd/snapshot-file.ts';
import { isTime } from '../../simulation/clock.ts';
import { behaviourList } from '../clusters/behaviours-schema.ts';
import { cidrs } from '../clusters/cidr.ts';
import { clockSpeed, clusterName, onOrOff, revision, seed, switches } from '../clusters/cluster-fields.ts';
import { isFormerName, RECONCILER_NAMES } from '../clusters/components.ts';
import { etcdMembersSchema } from '../clusters/etcd-members-schema.ts';
import { savedTopologySchema } from '../clusters/topology-schema.ts';
import { webhooksSchema } from '../clusters/webhooks-schema.ts';
import { firstProblem } from '../http/invalid-body.ts';
import { z } from '../zod.ts';
import type { Making } from './cluster-state.ts';

const instant = z
  .number('must be milliseconds since 1970')
  .refine(isTime, 'must be whole milliseconds since 1970, before the year 10000');
const port = z.int('must be a port').min(1, 'must be a port').max(65_535, 'must be a port');

/** What earlier versions named and nothing stands for. */
const withoutFormerNames = (given: unknown): unknown =>
  typeof given === 'object' && given !== null
    ? Object.fromEntries(Object.entries(given).filter(([name]) => !isFormerName(name)))
    : given;

const controllers = z.preprocess(withoutFormerNames, switches).superRefine((named, context) => {
  for (const name of Object.keys(named))
    if (!RECONCILER_NAMES.includes(name))
      context.addIssue({ code: 'custom', path: [name], message: 'no controller has this name' });
});

const making = z
  .object({
    name: clusterName,
    seed,
    ...cidrs.shape,
    nodePortRange: z
      .tuple([port, port], 'must be the first and the last port')
      .refine(([first, last]) => first <= last, 'must be the first and the last port'),
    components: z.object({
      scheduler: onOrOff,
      kubelet: onOrOff,
      kubeProxy: onOrOff,
      controllers,
      disabledAdmissionPlugins: z.array(z.enum(['ServiceAccount'], 'must be ServiceAccount')).optional(),
    }),
    clock: z.object({ start: instant, speed: clockSpeed, paused: onOrOff }),
    behaviours: behaviourList.optional(),
    webhooks: webhooksSchema.optional(),
    audit: onOrOff.optional(),
    etcdMembers: etcdMembersSchema.optional(),
    topology: savedTopologySchema.optional(),
    causes: onOrOff.optional(),
    baseTime: instant.optional(),
  })
  .superRefine(cidrs.apart);

const header = z.object({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  revision,
  time: instant,
  making,
});

/** The header with what is known of it, and nothing else. @throws Error that names the first field that is wrong. */
export function checkedHeader(given: object): SnapshotHeader<Making> {
  const checked = header.safeParse(given);
  if (checked.success) return checked.data as SnapshotHeader<Making>;
  const { path, detail } = firstProblem(checked.error);
  throw new Error(`${path.map(String).join('.')}: ${detail}`);
}
