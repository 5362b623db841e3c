/**
 * The network outside of a pod, as its programs reach it: a connection goes the way of its packets, through the rules of the nodes and past
 * network policies, and ends in the machine of another pod; a question of DNS is answered by the cluster's server. Both ends live in one
 * process, so what is written is there at once.
 */
import type { Bytes } from '../machine/bytes.ts';
import { Errno, type ErrnoName } from '../machine/errno.ts';
import type { Resolution } from '../machine/network.ts';
import type { OutsideNetwork, OutsideTarget, PodMachine, Socket, Visitor } from '../machine/pod-machine.ts';
import type { ConnectionResult, ConnectionVerdict } from '../network/packet/connection-result.ts';
import { UnknownEnd } from '../network/packet/ends.ts';
import { limitedWork, WorkExceeded } from '../simulation/work-budget.ts';
import type { Origin, SimulatedNetwork, Target } from './cluster-network.ts';

/** Steps of one connection, with writing the rules that it meets: about a quarter of a second. What goes on for longer is lost on the way. */
export const MAX_CONNECTION_STEPS = 2_500_000;

/** What the network needs of the cluster. */
export interface PodNetworkPorts {
  /** See `SimulatedNetwork`. */
  connect: SimulatedNetwork['connect'];
  /** The machine of a pod (`namespace/name`) at an instant; undefined: it does not run. */
  machine(pod: string, at: number): PodMachine | undefined;
  /** Something has come into a pod. */
  touched(pod: string, at: number): void;
  /** Asks a DNS server; undefined: there is none at the address. */
  ask(server: string, name: string, type: string, at: number): Omit<Resolution, 'server'> | undefined;
}

/** Why a program has no connection. */
const FAULTS: Record<Exclude<ConnectionVerdict, 'accepted'>, ErrnoName> = {
  refused: 'ECONNREFUSED',
  dropped: 'ETIMEDOUT',
  unreachable: 'EHOSTUNREACH',
};

/** `pod`: `namespace/name`. `isNodes`: it is in the network of its node. */
export function podNetwork(
  pod: string,
  { address, isNodes }: { address: string; isNodes: boolean },
  ports: PodNetworkPorts,
): OutsideNetwork {
  let connections = 0;
  return {
    address: () => address,
    isNodes,
    // Each draws for itself.
    connect: (to, at) => connected({ pod, address }, to, { at, draw: `${at}/${connections++}` }, ports),
    ask: (server, name, type, at) => ports.ask(server, name, type, at),
  };
}

/** How a node itself reaches others. */
export const nodeConnection = (
  node: string,
  to: { address: string; port: number },
  at: number,
  ports: PodNetworkPorts,
): Socket | ErrnoName => connected({ node }, { ...to, protocol: 'TCP' }, { at, draw: `${at}` }, ports);

function connected(
  from: Origin,
  to: OutsideTarget,
  { at, draw }: { at: number; draw: string },
  ports: PodNetworkPorts,
): Socket | ErrnoName {
  const target: Target = {
    ...to,
    // Who calls no address calls himself.
    address: to.address === '0.0.0.0' ? '127.0.0.1' : to.address === '::' ? '::1' : to.address,
    protocol: to.protocol === 'UDP' ? 'udp' : 'tcp',
  };
  const result = tried(() => ports.connect(from, target, at, draw, limitedWork(MAX_CONNECTION_STEPS)));
  if (typeof result === 'string') return result;
  if (result.verdict !== 'accepted') return FAULTS[result.verdict];
  const machine = result.pod === undefined ? undefined : ports.machine(result.pod, at);
  if (!machine) return 'ECONNREFUSED';
  const { source, destination } = result;
  const caller = { address: source.address.text, port: source.port };
  const how = { protocol: to.protocol, at: destination.address.text };
  const visitor = machine.visit(destination.port, caller, how);
  return visitor ? new VisitorSocket(visitor, () => ports.touched(result.pod!, at)) : 'ECONNREFUSED';
}

/** What goes on for too long is lost on the way; whoever is nowhere reaches nobody. */
function tried(connect: () => ConnectionResult): ConnectionResult | ErrnoName {
  try {
    return connect();
  } catch (error) {
    if (error instanceof WorkExceeded) return 'ETIMEDOUT';
    if (error instanceof UnknownEnd) return 'ENETUNREACH';
    throw error;
  }
}

/** A visitor of another machine as one end of a connection. */
class VisitorSocket implements Socket {
  readonly #visitor: Visitor;
  readonly #touched: () => void;
  #come: Bytes = '';

  constructor(visitor: Visitor, touched: () => void) {
    this.#visitor = visitor;
    this.#touched = touched;
  }

  /** @returns whether there is something, or the end. */
  #pull(): boolean {
    this.#come += this.#visitor.take();
    return this.#come !== '' || this.#visitor.isClosed;
  }

  canTake(): boolean {
    return this.#pull();
  }

  take(max: number): Bytes | undefined {
    if (!this.#pull()) return undefined;
    const bytes = this.#come.slice(0, max);
    this.#come = this.#come.slice(max);
    return bytes;
  }

  give(bytes: Bytes): number {
    if (this.#visitor.isClosed) throw new Errno('EPIPE');
    this.#visitor.write(bytes);
    this.#touched();
    return bytes.length;
  }

  canGive(): boolean {
    return !this.#visitor.isClosed;
  }

  end(): void {
    this.#visitor.end();
    this.#touched();
  }

  close(): void {
    this.#visitor.close();
  }

  get isClosed(): boolean {
    return this.#visitor.isClosed;
  }
}
