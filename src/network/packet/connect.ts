/**
 * A connection from one end to another: out of the sender's namespace, through the rules of each node on the way, past network policies, to a
 * program that listens or does not.
 */
import { UNLIMITED_WORK } from '../../simulation/work-budget.ts';
import { isLoopback } from '../ip-addresses.ts';
import { decide, type PolicyDecision } from '../policy/decision.ts';
import { podSubject, type Subject } from '../policy/subjects.ts';
import { lostAnswer } from './answer.ts';
import type { ConnectOptions, ConnectRequest } from './connect-request.ts';
import type { ConnectionResult, ConnectionVerdict, Hop } from './connection-result.ts';
import { Conntrack } from './conntrack.ts';
import { type End, type Origin, originOf, STRANGER, targetOf } from './ends.ts';
import { BRIDGE, nodeHost, nodeSource, UPLINK } from './node-host.ts';
import { Notes } from './notes.ts';
import type { Packet, PacketAddress } from './packet.ts';
import { type Passage, passHost, type Route } from './pass-host.ts';
import { routeText } from './routes.ts';
import type { World, WorldNode, WorldPod } from './world.ts';

/** The first of the ports that Linux gives to those who connect. */
export const EPHEMERAL_PORT = 32_768;
/** Nodes on the way: a packet that goes in circles ends as its hop limit does. */
export const MAX_HOPS = 16;

/** Throws `UnknownEnd`, `WorkExceeded`, and `RuleTextError` for rules that are not ours. */
export const connect = (world: World, request: ConnectRequest, options: ConnectOptions): ConnectionResult =>
  new Connecting(world, request, options).connect();

const CONDUCT: Record<string, ConnectionVerdict> = { 'icmp-port-unreachable': 'refused', 'tcp-reset': 'refused' };

class Connecting {
  readonly #world: World;
  readonly #options: ConnectOptions;
  readonly #origin: Origin;
  readonly #packet: Packet;
  /** As it is sent. */
  readonly #sent: Packet;
  readonly #conntracks = new Map<string, Conntrack>();
  readonly #hops: Hop[] = [];
  #scanned = 0;

  constructor(world: World, request: ConnectRequest, options: ConnectOptions) {
    this.#world = world;
    this.#options = options;
    this.#origin = originOf(world, request.from);
    const destination = targetOf(world, request.to, request.family ?? this.#onlyFamily(request.to), options.chance);
    this.#packet = {
      protocol: request.protocol,
      source: request.source ?? this.#source(destination) ?? STRANGER[destination.family],
      sourcePort: request.sourcePort ?? EPHEMERAL_PORT,
      destination,
      destinationPort: request.port,
      mark: 0,
      inInterface: '',
      outInterface: '',
    };
    this.#sent = { ...this.#packet };
  }

  /** The family that the sender has, where that is only one. */
  #onlyFamily(to: End): 4 | 6 | undefined {
    const origin = this.#origin;
    if ('outside' in origin) return 'outside' in to ? undefined : origin.outside.family;
    const { addresses } = 'pod' in origin ? origin.pod : origin.node;
    const families = new Set(addresses.map((address) => address.family));
    return families.size === 1 ? addresses[0]!.family : undefined;
  }

  #source(destination: PacketAddress): PacketAddress | undefined {
    const origin = this.#origin;
    if ('outside' in origin) return origin.outside.family === destination.family ? origin.outside : undefined;
    if ('node' in origin) return nodeSource(this.#world, origin.node, destination);
    if (isLoopback(destination)) return destination;
    return origin.pod.addresses.find((address) => address.family === destination.family);
  }

  connect(): ConnectionResult {
    const origin = this.#origin;
    if ('pod' in origin) return this.#fromPod(origin.pod);
    if ('node' in origin) return this.#throughNodes(origin.node, 'itself');
    return this.#fromOutside();
  }

  #fromPod(pod: WorldPod): ConnectionResult {
    const { destination } = this.#packet;
    if (isLoopback(destination) || pod.addresses.some(({ text }) => text === destination.text)) {
      this.#hop({ at: { kind: 'pod', name: pod.key }, route: `local ${destination.text} dev lo` });
      return this.#arrivesAt({ pod });
    }
    const node = this.#world.node(pod.node);
    const gateway = node?.gateways.find(({ family }) => family === destination.family);
    const hop = this.#hop({ at: { kind: 'pod', name: pod.key } });
    if (!node || !gateway || !pod.addresses.some(({ family }) => family === destination.family))
      return this.#end('unreachable', `the pod ${pod.key} has no route to ${destination.text}`);
    if (hop) hop.route = `default via ${gateway.text} dev ${UPLINK}`;
    this.#packet.inInterface = BRIDGE;
    return this.#throughNodes(node, 'elsewhere');
  }

  /** A stranger comes to a node by the node's address, or by one that a load balancer or a router sends to some node. */
  #fromOutside(): ConnectionResult {
    const { nodes } = this.#world;
    const { destination, source } = this.#packet;
    this.#hop({ at: { kind: 'outside', name: source.text } });
    const node =
      this.#world.nodeAt(destination.text) ??
      (this.#world.isExternal(destination.text) && nodes.length > 0
        ? nodes[this.#options.chance.oneOf(nodes.length)]
        : undefined);
    if (!node) return this.#end('unreachable', `there is no route from outside to ${destination.text}`);
    this.#packet.inInterface = UPLINK;
    return this.#throughNodes(node, 'elsewhere');
  }

  #throughNodes(first: WorldNode, from: 'itself' | 'elsewhere'): ConnectionResult {
    let node = first;
    let sender = from;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const before = { ...this.#packet };
      const passage = this.#pass(node, sender);
      const hop = this.#nodeHop(node, before, passage, sender);
      const stopped = this.#stopped(node, passage) ?? this.#egress(hops === 0, hop);
      if (stopped) return stopped;
      const next = this.#next(node, passage.route!, hop);
      if ('verdict' in next) return next;
      node = next.node;
      sender = 'elsewhere';
      this.#packet.inInterface = UPLINK;
      this.#packet.mark = 0;
    }
    return this.#end('unreachable', 'the packet goes in circles until its hop limit is used up');
  }

  #pass(node: WorldNode, sender: 'itself' | 'elsewhere'): Passage {
    const { chance, now, work = UNLIMITED_WORK, explain } = this.#options;
    const passage = passHost(nodeHost(this.#world, node, this.#packet.destination.family), sender, {
      packet: this.#packet,
      conntrack: this.#conntrackOf(node),
      notes: this.#world.notes(node.name),
      now,
      chance,
      work,
      ...(explain ? { met: [] } : {}),
    });
    this.#scanned += passage.scanned;
    return passage;
  }

  /** What the node's rules say against it. */
  #stopped(node: WorldNode, { verdict, rejectWith = '', hook }: Passage): ConnectionResult | undefined {
    switch (verdict) {
      case 'accept':
        return undefined;
      case 'drop':
        return this.#end('dropped', `a rule on ${node.name} drops it at ${hook}`);
      case 'reject':
        return this.#end(CONDUCT[rejectWith] ?? 'unreachable', `a rule on ${node.name} rejects it with ${rejectWith}`);
      case 'noRoute':
        return this.#end('unreachable', `${node.name} has no route to ${this.#packet.destination.text}`);
    }
  }

  /** The sender's policies are asked on its own node, once the destination is what the rules have made of it. */
  #egress(isFirst: boolean, hop: Hop | undefined): ConnectionResult | undefined {
    if (!isFirst || !('pod' in this.#origin)) return undefined;
    const from = podSubject(this.#origin.pod);
    const decision = this.#ask(from, this.#subjectAt(this.#packet.destination));
    if (hop) hop.policies = decision;
    if (decision.egress.allowed) return undefined;
    return this.#end('dropped', `a network policy of the sender forbids it: ${decision.reason.split('; ')[0]}`);
  }

  #ask(from: Subject, to: Subject): PolicyDecision {
    const { protocol, destinationPort } = this.#packet;
    return decide(this.#world.policies, {
      from,
      to,
      port: { protocol: protocol.toUpperCase(), port: destinationPort },
    });
  }

  #subjectAt(address: PacketAddress): Subject {
    const pod = this.#world.podAt(address.text);
    if (pod) return podSubject(pod);
    const node = this.#world.nodeAt(address.text);
    return { addresses: [address], ...(node ? { node: node.name } : {}) };
  }

  #next(node: WorldNode, route: Route, hop: Hop | undefined): ConnectionResult | { node: WorldNode } {
    if (route.to === 'local') return this.#arrivesAt({ node });
    const { destination, protocol, destinationPort } = this.#packet;
    if (route.outInterface === BRIDGE) return this.#bridged(node, hop);
    const other = this.#world.nodeAt(route.via?.text ?? '') ?? this.#world.nodeAt(destination.text);
    if (other) return { node: other };
    const answer = this.#world.outside?.(destination, protocol, destinationPort) ?? 'dropped';
    this.#hop({ at: { kind: 'outside', name: destination.text } });
    return this.#end(
      answer,
      answer === 'dropped' ? `nobody answers at ${destination.text}` : `${destination.text} has ${answer} it`,
    );
  }

  #bridged(node: WorldNode, hop: Hop | undefined): ConnectionResult {
    const { destination, source } = this.#packet;
    const pod = this.#world.podAt(destination.text);
    if (!pod || pod.node !== node.name)
      return this.#end('unreachable', `no pod on ${node.name} has the address ${destination.text}`);
    const decision = this.#ask(this.#subjectAt(source), podSubject(pod));
    if (hop) hop.policies = hop.policies ? { ...hop.policies, ingress: decision.ingress } : decision;
    if (!decision.ingress.allowed)
      return this.#end('dropped', `a network policy of the receiver forbids it: ${decision.reason.split('; ')[1]}`, {
        pod,
      });
    this.#hop({ at: { kind: 'pod', name: pod.key }, receivedOn: UPLINK });
    return this.#arrivesAt({ pod });
  }

  #arrivesAt(place: { pod: WorldPod } | { node: WorldNode }): ConnectionResult {
    const { protocol, destination, destinationPort } = this.#packet;
    const name = 'pod' in place ? place.pod.key : place.node.name;
    const lost = this.#conntracks.size > 0 ? this.#lostAnswer(place) : undefined;
    if (lost) return this.#end('dropped', lost, place);
    return this.#world.listens(place, protocol, destinationPort, destination)
      ? this.#end('accepted', `${name} listens on ${protocol} ${destinationPort}`, place)
      : this.#end('refused', `nothing in ${name} listens on ${protocol} ${destinationPort}`, place);
  }

  #lostAnswer(place: { pod: WorldPod } | { node: WorldNode }): string | undefined {
    const asked = { origin: this.#origin, sent: this.#sent, arrived: this.#packet, conntracks: this.#conntracks };
    const { chance, now, work = UNLIMITED_WORK } = this.#options;
    return lostAnswer(this.#world, place, asked, { notes: new Notes(), now, chance, work }, MAX_HOPS);
  }

  #conntrackOf({ name }: WorldNode): Conntrack {
    const conntrack = this.#conntracks.get(name) ?? new Conntrack();
    this.#conntracks.set(name, conntrack);
    return conntrack;
  }

  #hop(hop: Omit<Hop, 'before' | 'after'>): Hop | undefined {
    if (!this.#options.explain) return undefined;
    const told = { ...hop, before: { ...this.#packet }, after: { ...this.#packet } };
    this.#hops.push(told);
    return told;
  }

  #nodeHop(node: WorldNode, before: Packet, passage: Passage, sender: 'itself' | 'elsewhere'): Hop | undefined {
    if (!this.#options.explain) return undefined;
    const { route } = passage;
    const table = route?.to === 'forward' ? node.routes.find(this.#packet.destination) : undefined;
    const hop: Hop = {
      at: { kind: 'node', name: node.name },
      ...(sender === 'elsewhere' ? { receivedOn: before.inInterface } : {}),
      before,
      after: { ...this.#packet },
      ...(table ? { route: routeText(table) } : {}),
      ...(route?.to === 'local' ? { route: `local ${this.#packet.destination.text} dev lo` } : {}),
      passage,
    };
    this.#hops.push(hop);
    return hop;
  }

  #end(
    verdict: ConnectionVerdict,
    because: string,
    place: { pod?: WorldPod; node?: WorldNode } = {},
  ): ConnectionResult {
    const { source, sourcePort, destination, destinationPort } = this.#packet;
    return {
      verdict,
      because,
      ...(place.pod ? { pod: place.pod.key } : {}),
      ...(place.node ? { node: place.node.name } : {}),
      destination: { address: destination, port: destinationPort },
      source: { address: source, port: sourcePort },
      hops: this.#hops,
      scanned: this.#scanned,
    };
  }
}
