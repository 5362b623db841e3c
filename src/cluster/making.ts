/** How a cluster was made, as far as it is told: what makes another like it. */
import type { Making } from '../platform/copies/cluster-state.ts';
import type { Running } from './running.ts';

export function makingOf({ life: { spec }, clock }: Pick<Running, 'life' | 'clock'>): Making {
  const {
    name,
    seed,
    serviceCIDR,
    podCIDR,
    nodePortRange,
    components,
    behaviours,
    webhooks,
    audit,
    etcdMembers,
    topology,
  } = spec;
  const { causes, baseTime } = spec;
  const { speed, paused } = clock.state(Date.now());
  return {
    name,
    seed,
    serviceCIDR,
    podCIDR,
    nodePortRange,
    components,
    clock: { start: spec.clock.start, speed, paused },
    ...(behaviours ? { behaviours } : {}),
    ...(webhooks ? { webhooks } : {}),
    ...(audit ? { audit } : {}),
    ...(etcdMembers ? { etcdMembers } : {}),
    ...(topology ? { topology } : {}),
    ...(causes === undefined ? {} : { causes }),
    ...(baseTime === undefined ? {} : { baseTime }),
  };
}
