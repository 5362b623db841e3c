/**
 * The way back: an answer reaches whoever asked only if it comes from where he has sent to, so it must pass the hosts that have translated
 * the question. It goes by routes and rules like any packet.
 */
import type { Conntrack } from './conntrack.ts';
import type { Origin } from './ends.ts';
import { BRIDGE, nodeHost, UPLINK } from './node-host.ts';
import { endpointText, type Packet, reversed } from './packet.ts';
import { type Passing, passHost } from './pass-host.ts';
import type { World, WorldNode, WorldPod } from './world.ts';

export interface Asked {
  origin: Origin;
  /** As it was sent, and as it arrived. */
  sent: Packet;
  arrived: Packet;
  /** Of each node that it has passed. */
  conntracks: ReadonlyMap<string, Conntrack>;
}

type Place = { pod: WorldPod } | { node: WorldNode };

/** Why the answer does not come back to who has asked; undefined: it does. */
export function lostAnswer(
  world: World,
  place: Place,
  asked: Asked,
  passing: Omit<Passing, 'packet' | 'conntrack'>,
  hops: number,
): string | undefined {
  let node = 'node' in place ? place.node : world.node(place.pod.node);
  let from: 'itself' | 'elsewhere' = 'node' in place ? 'itself' : 'elsewhere';
  const packet: Packet = {
    ...reversed(asked.arrived),
    mark: 0,
    inInterface: 'node' in place ? '' : BRIDGE,
    outInterface: '',
  };
  for (let hop = 0; node && hop < hops; hop++) {
    const conntrack = asked.conntracks.get(node.name);
    const host = nodeHost(world, node, packet.destination.family);
    const passage = passHost(host, from, { ...passing, packet, ...(conntrack ? { conntrack } : {}), isAnswer: true });
    if (passage.verdict !== 'accept') return `the answer is lost on ${node.name}`;
    const { to, outInterface, via } = passage.route!;
    if (to === 'local') return unlessKnown({ node }, packet, asked);
    if (outInterface === BRIDGE) {
      const pod = world.podAt(packet.destination.text);
      return pod ? unlessKnown({ pod }, packet, asked) : `the answer finds nobody at ${packet.destination.text}`;
    }
    const next = world.nodeAt(via?.text ?? '') ?? world.nodeAt(packet.destination.text);
    if (!next) return unlessKnown({ outside: packet.destination }, packet, asked);
    node = next;
    from = 'elsewhere';
    packet.inInterface = UPLINK;
    packet.mark = 0;
  }
  return 'the answer finds no way back';
}

function unlessKnown(arrived: Origin, packet: Packet, { origin, sent }: Asked): string | undefined {
  const nameOf = (place: Origin): string =>
    'pod' in place ? place.pod.key : 'node' in place ? place.node.name : place.outside.text;
  if (nameOf(arrived) !== nameOf(origin)) return `the answer goes to ${nameOf(arrived)}`;
  const [from, expected] = [
    endpointText(packet.source, packet.sourcePort),
    endpointText(sent.destination, sent.destinationPort),
  ];
  return from === expected ? undefined : `the answer comes from ${from}, and is not taken for one of ${expected}`;
}
