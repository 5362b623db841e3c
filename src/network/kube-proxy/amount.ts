/** How much a proxy's input makes: what its lists are multiplied to before any of it is looked at. */
import type { ProxyInput } from './input.ts';

export interface ProxyAmount {
  /** Each port of a slice with each of its endpoints, and with each of their hints. */
  endpoints: number;
  /** Each port of a service with each of its addresses and source ranges. */
  servicePorts: number;
  /** Each address of the node with each range that node ports may answer on. */
  nodeAddresses: number;
}

/** The lists may be of any shape: what is none has no length. */
export function proxyAmount(input: ProxyInput): ProxyAmount {
  const amount: ProxyAmount = { endpoints: 0, servicePorts: 0, nodeAddresses: 0 };
  for (const slice of input.endpointSlices) {
    const endpoints = listOf(slice.endpoints);
    const hints = endpoints.map((e) => lengthOf(e?.hints?.forZones) + lengthOf(e?.hints?.forNodes));
    amount.endpoints += lengthOf(slice.ports) * (endpoints.length + sum(hints));
  }
  for (const { spec, status } of input.services) {
    const addresses = [
      spec?.clusterIPs,
      spec?.ipFamilies,
      spec?.externalIPs,
      spec?.loadBalancerSourceRanges,
      status?.loadBalancer?.ingress,
    ];
    amount.servicePorts += lengthOf(spec?.ports) * (1 + sum(addresses.map(lengthOf)));
  }
  amount.nodeAddresses = (1 + lengthOf(input.node.ips)) * lengthOf(input.nodePortAddresses);
  return amount;
}

const listOf = <T>(value: readonly T[] | null | undefined): readonly T[] => (Array.isArray(value) ? value : []);
const lengthOf = (value: readonly unknown[] | null | undefined): number => listOf(value).length;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
