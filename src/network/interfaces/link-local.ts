/** Addresses that devices have of themselves. Source: RFC 4291, appendix A. */
import type { IPNet } from '../ip-addresses.ts';

const LINK_LOCAL = 0xfe80n << 112n;
/** The bit that tells an address given by hand, which is turned round. */
const UNIVERSAL = 0x0200000000000000n;

/** fe80::/64 with the device's hardware address. */
export function linkLocalOf(mac: string): IPNet {
  const digits = mac.replaceAll(':', '');
  const identifier = BigInt(`0x${digits.slice(0, 6)}fffe${digits.slice(6)}`) ^ UNIVERSAL;
  return { ip: { family: 6, value: LINK_LOCAL | identifier }, bits: 64 };
}

/** The hardware address of a network card, from its address of IPv4, as Docker makes it. */
export function macOfAddress(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '42', ...bytes].join(':');
}

/** The groups that a device listens to: all nodes, and those who look for one of its addresses. */
export function multicastMACs(addresses: readonly IPNet[]): string[] {
  const asked = addresses.flatMap(({ ip }) => {
    const digits = ip.value.toString(16).padStart(6, '0').slice(-6);
    return ip.family === 6 ? `33:33:ff:${digits.replace(/(..)(..)(..)/, '$1:$2:$3')}` : [];
  });
  return ['33:33:00:00:00:01', '01:00:5e:00:00:01', ...new Set(asked)];
}
