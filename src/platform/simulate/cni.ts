/** `/v1/simulate/cni`: a call of CNI, or addresses for pods. */
import { JSONSyntaxError, parseJSON } from '../../apiserver/codec/json-text.ts';
import { NodeAddresses, nodePodCIDR } from '../../network/attachment/node-addresses.ts';
import { callCNI } from '../../network/cni/call.ts';
import type { MachineState } from '../../network/cni/machine.ts';
import type { Stdin } from '../../network/cni/plugin.ts';
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { ProblemError } from '../http/problem.ts';
import type { z } from '../zod.ts';
import type { cniCallAnswer, cniCallRequest } from './cni-schemas.ts';
import type { cniAnswer, cniRequest } from './schemas.ts';

export type CniCall = z.output<typeof cniCallRequest>;
export type CniPods = z.output<typeof cniRequest>;

export const isOfPods = (request: CniCall | CniPods): request is CniPods => 'nodes' in request;

function stdinOf({ config, text = '' }: CniCall): Stdin {
  if (config !== undefined) return { value: config };
  try {
    return { value: parseJSON(text).value };
  } catch (error) {
    if (error instanceof JSONSyntaxError) return { error: error.message };
    throw error;
  }
}

/** What lies deep in the state is not looked at before a plugin does. Throws `WorkExceeded`. */
export function simulateCniCall(request: CniCall, work: WorkBudget): z.input<typeof cniCallAnswer> {
  const { plugin, capabilityArgs, validAttachments } = request;
  const { command = '', containerID = '', netns = '', ifname = '', args = '', path = '' } = request;
  const environment = { command, containerID, netns, ifname, args, path };
  const state = request.state as unknown as MachineState;
  const stdin = stdinOf(request);
  const answer = callCNI({ plugin, ...environment, stdin, capabilityArgs, validAttachments, state }, work);
  return { ...answer, state: { ...answer.state } };
}

export function simulateAddresses(request: CniPods): z.input<typeof cniAnswer> {
  const networks = new Map<string, { podCIDR: string; addresses: NodeAddresses }>();
  request.nodes.forEach((node, index) => {
    const podCIDR = node.podCIDR ?? nodePodCIDR(request.podCIDR, index);
    if (!podCIDR)
      throw new ProblemError(422, `/nodes/${index}: the pod network has no part for this node.`, [
        { pointer: `/nodes/${index}`, detail: 'the pod network is not a CIDR, or too small' },
      ]);
    const { reserved, lastReserved } = node;
    networks.set(node.name, { podCIDR, addresses: new NodeAddresses({ podCIDR, reserved, lastReserved }) });
  });
  const pods = request.pods.map((pod) => {
    const network = networks.get(pod.node);
    if (!network) return { ...pod, error: `there is no node ${pod.node}` };
    const attachment = network.addresses.add();
    return attachment
      ? { ...pod, ...attachment }
      : { ...pod, error: `no IP addresses available in ${network.podCIDR}` };
  });
  const nodes = [...networks].map(([nodeName, { podCIDR, addresses }]) => ({
    name: nodeName,
    podCIDR,
    reserved: addresses.reserved,
    ...(addresses.lastReserved ? { lastReserved: addresses.lastReserved } : {}),
  }));
  return { nodes, pods };
}
