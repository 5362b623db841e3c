/** Names of nftables objects: a hash to tell them apart, then what they are about in plain text. */

import { base32Hash } from './base32-hash.ts';
import type { Endpoint } from './endpoints.ts';
import type { ServicePort } from './services.ts';

export const MAX_NAME = 240;
export const MAX_COMMENT = 128;

export interface NftablesNames {
  cluster: string;
  local: string;
  external: string;
  firewall: string;
}

/** Names are ASCII, so characters are bytes. */
function hashed(text: string): string {
  const name = `${base32Hash(text, 8)}-${text}`;
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 3)}...` : name;
}

const serviceText = (s: ServicePort): string => `${s.namespace}/${s.name}/${s.protocol.toLowerCase()}/${s.portName}`;

export function nftablesNames(service: ServicePort): NftablesNames {
  const base = hashed(serviceText(service));
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  };
}

/** Its chain, and the set of clients that stick to it. */
export function endpointNames(service: ServicePort, endpoint: Endpoint): { chain: string; affinity: string } {
  const base = hashed(`${serviceText(service)}__${endpoint.ip.replaceAll(':', '.')}/${endpoint.port}`);
  return { chain: `endpoint-${base}`, affinity: `affinity-${base}` };
}

export const elementComment = (text: string): string => text.slice(0, MAX_COMMENT);
