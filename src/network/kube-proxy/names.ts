/** Chain names: a prefix and a hash, since iptables allows 28 characters. */

import { base32Hash } from './base32-hash.ts';
import { type ServicePort, servicePortText } from './services.ts';

export interface ChainNames {
  /** Cluster policy. */
  cluster: string;
  /** Local policy. */
  local: string;
  external: string;
  firewall: string;
}

const hashed = (text: string): string => base32Hash(text, 16);

export function chainNames(service: ServicePort): ChainNames {
  const hash = hashed(servicePortText(service) + service.protocol.toLowerCase());
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  };
}

/** The chain of each endpoint of a service port, by its text. */
export function endpointChains(service: ServicePort, endpoints: Iterable<{ text: string }>): Map<string, string> {
  const base = servicePortText(service) + service.protocol.toLowerCase();
  const names = new Map<string, string>();
  for (const { text } of endpoints) if (!names.has(text)) names.set(text, `KUBE-SEP-${hashed(base + text)}`);
  return names;
}
