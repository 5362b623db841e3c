/** Addresses of one IP family, read leniently and printed in the one form that Go prints: what rules and names are made of. */
import { type Address, FAMILY_BITS, formatIP, type Prefix, parseCIDR, parseIP as readIP } from '../../objects/ip.ts';

export { formatCIDR } from '../../objects/ip.ts';
export type { Address, Prefix };

export type IPFamily = 'IPv4' | 'IPv6';

/** An IPv4 address inside IPv6 (`::ffff:1.2.3.4`) is IPv4, as in Go. */
function parseIP(text: string): Address | undefined {
  const address = readIP(text);
  return address?.mapped ? { ...address, family: 4, value: address.value & 0xffff_ffffn, mapped: false } : address;
}

export const ipFamilyOf = (text: string): IPFamily | undefined => {
  const address = parseIP(text);
  return address && (address.family === 4 ? 'IPv4' : 'IPv6');
};

const isOf = (address: Address, family: IPFamily): boolean => (family === 'IPv4') === (address.family === 4);

/** The addresses of the family among the texts, in their order. */
export const addressesOf = (texts: (string | undefined)[], family: IPFamily): Address[] =>
  texts.flatMap((text) => {
    const address = text ? parseIP(text) : undefined;
    return address && isOf(address, family) ? [address] : [];
  });

export const addressText = ({ family, value }: Address): string => formatIP(family, value);

/** IPv4 as it is printed: most of what is read is, and there may be a hundred thousand. */
const PRINTED_V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The canonical text if it is an address of the family. */
export function canonicalIP(text: string | undefined, family: IPFamily): string | undefined {
  if (text && PRINTED_V4.test(text)) return family === 'IPv4' ? text : undefined;
  const address = addressesOf([text], family)[0];
  return address && addressText(address);
}

/** The CIDRs of one family among the texts; white space around them is allowed. */
export const cidrsOf = (texts: string[] | null | undefined, family: IPFamily): Prefix[] =>
  (texts ?? []).flatMap((text) => {
    const cidr = parseCIDR(text.trim());
    return cidr && isOf(cidr.address, family) ? [cidr] : [];
  });

export function contains(cidr: Prefix, { family, value }: Address): boolean {
  const hostBits = BigInt(FAMILY_BITS[family] - cidr.bits);
  return family === cidr.address.family && value >> hostBits === cidr.network >> hostBits;
}
