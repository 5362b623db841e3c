/** The addresses of Services and of what stands behind them, as everybody finds them who looks at the objects: DNS, traces, the nodes. */
import type { Service } from '../objects/generated/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../objects/generated/discovery-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { type PacketAddress, packetAddress } from './packet/packet.ts';

export const SLICES = 'endpointslices.discovery.k8s.io';
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

export const slicesOf = (view: View, namespace: string, service: string): EndpointSlice[] =>
  view.list(SLICES, namespace).filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === service);

/** An endpoint that says nothing of it is ready. */
export const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready !== false;

/** None of a headless Service. */
export function clusterIPsOf({ spec }: Service): PacketAddress[] {
  const { clusterIPs, clusterIP } = spec ?? {};
  return (clusterIPs ?? [clusterIP]).flatMap((text) => packetAddress(text ?? '') ?? []);
}
