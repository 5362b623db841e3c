/** What runs on the nodes: programs, which reach one another through the network, and the network, where programs listen. */

import type { ImageFor } from '../machine/image.ts';
import { imageFor as knownImageFor } from '../machine/images/image-for.ts';
import { clusterDNSOf } from '../objects/cluster-dns.ts';
import type { View } from '../objects/object.ts';
import type { SignPodToken } from '../simulation/notary.ts';
import type { Work } from '../simulation/work.ts';
import { SimulatedNetwork } from './cluster-network.ts';
import { Machines } from './machines.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** Those of a cluster; its pump is there when one of them is asked. */
export function nodesOf(
  { spec, imageFor = knownImageFor }: { spec: SimulationSpec; imageFor?: ImageFor },
  pump: () => { reader(): View; wake(work: Work): void },
  signToken: SignPodToken | undefined,
): { machines: Machines; network: SimulatedNetwork } {
  const machines = new Machines({
    seed: spec.seed,
    reader: () => pump().reader(),
    clusterDNS: clusterDNSOf(spec.serviceCIDR),
    imageFor,
    signToken,
    network: {
      connect: (...asked) => network.connect(...asked),
      ask: (question, now) => network.ask(question, now),
    },
    wake: (namespace, pod) => pump().wake({ reconciler: 'kubelet', key: `${namespace}/${pod}` }),
  });
  const network: SimulatedNetwork = new SimulatedNetwork(
    spec,
    () => pump().reader(),
    (pod, at, now) => machines.listens(pod, at, now),
  );
  return { machines, network };
}
