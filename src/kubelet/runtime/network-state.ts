/** A node's addresses in use, read off its pods: what the CNI plugin would keep on the node's disk. */

import { isFinished } from '../../controllers/pods.ts';
import type { NetworkState } from '../../network/attachment/node-addresses.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';

/** The last address given is that of the pod that started last; within one second they go up, but for the wrap. */
export function networkState(podCIDR: string, pods: Pod[]): NetworkState {
  const reserved: string[] = [];
  let lastReserved: string | undefined;
  let lastStart = '';
  let lastOrder = 0;
  for (const pod of pods) {
    const { spec, status } = pod;
    const address: string | undefined = status?.podIP;
    if (address === undefined || spec.hostNetwork) continue;
    if (!isFinished(pod)) reserved.push(address);
    const start: string = status?.startTime ?? '';
    if (start < lastStart) continue;
    const order = orderOf(address);
    if (start === lastStart && order < lastOrder) continue;
    lastReserved = address;
    lastStart = start;
    lastOrder = order;
  }
  return { podCIDR, reserved, lastReserved };
}

const orderOf = (address: string): number => {
  let order = 0;
  for (const part of address.split('.')) order = order * 256 + Number(part);
  return order;
};
