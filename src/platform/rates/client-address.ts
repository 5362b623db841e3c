/** Where a request comes from, as far as that can be believed. */
import { formatIP, parseIP } from '../../objects/ip.ts';
import type { HostBindings } from '../http/hosts.ts';

export interface AddressBindings extends HostBindings {
  /** `true`: a local server stands behind a proxy of one's own, which adds the client to `x-forwarded-for`. */
  TRUST_FORWARDED_FOR?: string;
}

/** Bits of an IPv6 address that one household or machine has all addresses of. */
const IPV6_PREFIX_BITS = 64n;

/**
 * The client's address; of IPv6 the network that is one client's. Undefined where nobody can tell, as in tests: Cloudflare always
 * says it, in a header that no client can set there; a local server knows the peer and believes no header unless it is told to.
 */
export function clientAddress(request: Request, bindings: AddressBindings): string | undefined {
  const text = bindings.LOCAL_HTTPS_ORIGIN ? localPeer(request, bindings) : request.headers.get('cf-connecting-ip');
  return text ? network(text) : undefined;
}

function localPeer(request: Request, { TRUST_FORWARDED_FOR }: AddressBindings): string | undefined {
  if (TRUST_FORWARDED_FOR === 'true') {
    const last = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();
    if (last) return last;
  }
  // workerd has `192.0.2.1:4711` or `[2001:db8::1]:4711`.
  const peer = (request as { cf?: { clientIp?: unknown } }).cf?.clientIp;
  return typeof peer === 'string' ? peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') : undefined;
}

function network(text: string): string {
  const address = parseIP(text);
  if (address?.family === 6) return `${(address.value >> (128n - IPV6_PREFIX_BITS)).toString(16)}/${IPV6_PREFIX_BITS}`;
  return address?.mapped ? formatIP(4, address.value) : text;
}
