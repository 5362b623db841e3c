/** Names that stand for addresses: `5.0.244.10.in-addr.arpa.`, and `ip6.arpa.` with a label for each digit. */
import { type PacketAddress, packetAddress } from '../packet/packet.ts';
import { labelsOf } from './message.ts';

const V4 = 'in-addr.arpa.';
const V6 = 'ip6.arpa.';

/** Undefined for what is no address in full. */
export function reversedAddress(name: string): PacketAddress | undefined {
  if (name.endsWith(`.${V4}`)) return packetAddress(labelsOf(name).slice(0, -2).reverse().join('.'));
  if (!name.endsWith(`.${V6}`)) return undefined;
  const digits = labelsOf(name).slice(0, -2).reverse();
  if (digits.length !== 32 || digits.some((digit) => !/^[0-9a-f]$/.test(digit))) return undefined;
  return packetAddress(digits.join('').replace(/(.{4})(?!$)/g, '$1:'));
}

export function reverseName({ family, value, text }: PacketAddress): string {
  if (family === 4) return `${text.split('.').reverse().join('.')}.${V4}`;
  return `${[...value.toString(16).padStart(32, '0')].reverse().join('.')}.${V6}`;
}
