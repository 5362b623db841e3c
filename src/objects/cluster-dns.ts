/** Where a cluster's own DNS server is. */
import { formatIP, parseCIDR } from './ip.ts';

/** The tenth address of the Services' range, as kubeadm has it. */
export function clusterDNSOf(serviceCIDR: string): string {
  const { address, network } = parseCIDR(serviceCIDR)!;
  return formatIP(address.family, network + 10n);
}
