/** How a cluster whose control plane is to be seen begins: as kubeadm makes one, some time before, so that all of it is up. */
import type { Store } from '../etcd/store.ts';
import { randomToken, TOKEN_TTL_MS } from '../kubeadm/bootstrap-token.ts';
import { initObjects } from '../kubeadm/objects.ts';
import type { Topology } from '../kubeadm/topology.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Pump } from '../simulation/pump.ts';
import type { Writer } from '../simulation/pump-ports.ts';
import { createRandom } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';
import { createFirstObjects } from './first-objects.ts';
import type { SimulationSpec } from './simulation-spec.ts';

interface Parts {
  store: Store;
  pump: Pump<KubeObject>;
  apply(write: Write<KubeObject>, writer: Writer): KubeObject | undefined;
  rootCA: string;
}

const KUBEADM = 'kubeadm';
/** Turns of the pump at one instant, and instants: a control plane that does not come up is a fault of ours. */
const ENOUGH_TURNS = 10_000;

/** `now` is when the cluster begins; `spec.baseTime`, when it is made. */
export function foundControlPlane(spec: SimulationSpec, topology: Topology, parts: Parts, now: number): void {
  const made = spec.baseTime ?? now;
  const { store, pump } = parts;
  createFirstObjects(store, spec, made);
  makeObjects(spec, topology, parts, made);
  let at = made;
  for (let turns = 0; at <= now; turns++) {
    if (turns > ENOUGH_TURNS) throw new Error('the control plane does not come to rest');
    pump.turn(at);
    if (!pump.idle(at)) continue;
    const due = pump.nextDue(at);
    if (due === undefined || due > now) return;
    at = Math.max(at, due);
  }
}

function makeObjects(spec: SimulationSpec, topology: Topology, { pump, apply, rootCA }: Parts, now: number): void {
  const random = createRandom(spec.seed, KUBEADM);
  const writer: Writer = { name: KUBEADM, key: 'init', manager: KUBEADM, now, random };
  const { podCIDR, serviceCIDR } = spec;
  const token = randomToken(random);
  const tokenExpiration = now + TOKEN_TTL_MS;
  pump.reader();
  for (const object of initObjects({ topology, podCIDR, serviceCIDR, token, tokenExpiration, rootCA }))
    apply({ verb: 'create', object }, writer);
}
