/** A node's machine as containerd finds it: the calls of CNI that it makes for a pod, in its order, and what they leave behind. */

import { type CNIAnswer, CNIMachine } from '../cni/call.ts';
import { Reservations } from '../cni/ipam/reservations.ts';
import { addAddress, linkNamed, setUp } from '../cni/kernel/links.ts';
import { addRoute } from '../cni/kernel/routes.ts';
import { type Machine, type MachineState, newNamespace, newNetwork } from '../cni/machine.ts';
import { type IP, type IPNet, readIP } from '../ip-addresses.ts';
import { type AttachedPod, argsOf } from './attached-pod.ts';
import { clusterList, LOOPBACK_LIST, NETWORK_NAME, PLUGIN_PATH } from './conflist.ts';

const LOOPBACK = 'lo';
const INTERFACE = 'eth0';

/** One call of the runtime: a list of plugins, with each plugin's own call. */
export interface RuntimeCall extends Omit<CNIAnswer, 'state'> {
  command: string;
  ifname: string;
  config: object;
  capabilityArgs?: { portMappings: AttachedPod['portMappings'] };
}

export class NodeMachine {
  readonly #cni: CNIMachine;
  readonly #podCIDRs: readonly string[];
  readonly #reservations: Reservations;

  /** `state`: the node's network before any pod; none of its own by default. */
  constructor(podCIDRs: readonly string[], state: MachineState = { network: newNetwork() }) {
    this.#cni = new CNIMachine(state);
    this.#podCIDRs = podCIDRs;
    this.#reservations = new Reservations(this.machine, '', NETWORK_NAME);
  }

  get machine(): Machine {
    return this.#cni.machine;
  }

  /** An address of the node's `set`th range that is somebody's, though nothing else is known of him here. */
  reserve(address: string, containerID: string, set = 0): void {
    const ip = readIP(address);
    if (ip) this.#reservations.reserve(ip, containerID, INTERFACE, set);
  }

  /** Somebody else than a plugin sets up a device of the host. */
  configure(device: string, nets: readonly IPNet[]): void {
    const { host } = this.machine.network;
    const link = linkNamed(host, device);
    if (!link) return;
    setUp(host, link);
    for (const net of nets) addAddress(host, link, net);
  }

  /** The same of a route. `dst`: undefined is everywhere. */
  route(dst: IPNet | undefined, dev: string, gateway: IP): void {
    addRoute(this.machine.network.host, { dst, family: gateway.family, dev, gateway });
  }

  /** ADD of the loopback and of the cluster's network. A pod that has its addresses already gets them again. */
  attach(pod: AttachedPod): RuntimeCall[] {
    this.machine.network.containers[pod.sandbox.netns] = newNamespace();
    for (const [set, address] of pod.addresses.entries()) {
      const ip = readIP(address);
      // host-local goes on from the address before.
      if (ip) this.#reservations.setLast({ ...ip, value: ip.value - 1n }, set);
    }
    const { portMappings } = pod;
    const capabilityArgs = portMappings.length > 0 ? { portMappings } : undefined;
    return [
      this.#add(pod, LOOPBACK, LOOPBACK_LIST, undefined),
      this.#add(pod, INTERFACE, clusterList(this.#podCIDRs), capabilityArgs),
    ];
  }

  #add(
    pod: AttachedPod,
    ifname: string,
    config: object,
    capabilityArgs: RuntimeCall['capabilityArgs'] | undefined,
  ): RuntimeCall {
    const command = 'ADD';
    const answer = this.#cni.call({
      plugin: undefined,
      command,
      containerID: pod.sandbox.id,
      netns: pod.sandbox.netns,
      ifname,
      args: argsOf(pod),
      path: PLUGIN_PATH,
      stdin: { value: config },
      capabilityArgs,
    });
    return { command, ifname, config, ...(capabilityArgs ? { capabilityArgs } : {}), ...answer };
  }
}
