/**
 * IP addresses and prefixes as fields hold them: parsing that forgives what old fields forgave, canonical forms, and the errors and
 * warnings about the rest. Source: k8s.io/apimachinery/pkg/util/validation/ip.go.
 */
import { type FieldError, invalid } from './field-error.ts';

export interface Address {
  family: 4 | 6;
  value: bigint;
  /** Written as IPv4 with zeros in front of a number. */
  leadingZeros: boolean;
  /** Written as `::ffff:1.2.3.4`; the value is then the IPv4 address. */
  mapped: boolean;
}

/** Of an address. */
export const FAMILY_BITS = { 4: 32, 6: 128 } as const;

export interface Prefix {
  address: Address;
  bits: number;
  /** The address with the bits beyond the prefix cleared. */
  network: bigint;
  leadingZeros: boolean;
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  let leadingZeros = false;
  for (const part of parts) {
    if (!/^\d+$/.test(part) || Number(part) > 255) return undefined;
    if (part.length > 1 && part.startsWith('0')) leadingZeros = true;
    value = (value << 8n) | BigInt(Number(part));
  }
  return { family: 4, value, leadingZeros, mapped: false };
}

function parseV6(text: string): Address | undefined {
  let source = text;
  let tail: Address | undefined;
  const lastColon = source.lastIndexOf(':');
  if (source.includes('.')) {
    tail = parseV4(source.slice(lastColon + 1));
    if (!tail) return undefined;
    const high = (tail.value >> 16n).toString(16);
    source = `${source.slice(0, lastColon + 1)}${high}:${(tail.value & 0xffffn).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const head = groups(halves[0] ?? '');
  const rest = groups(halves[1] ?? '');
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...head, ...new Array<string>(missing).fill('0'), ...rest]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  const leadingZeros = tail?.leadingZeros ?? false;
  if (value >> 32n === 0xffffn) return { family: 4, value: value & 0xffffffffn, leadingZeros, mapped: true };
  return { family: 6, value, leadingZeros, mapped: false };
}

export const parseIP = (text: string): Address | undefined => (text.includes(':') ? parseV6(text) : parseV4(text));

export function parseCIDR(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseIP(text.slice(0, slash));
  const size = text.slice(slash + 1);
  if (!address || !/^\d+$/.test(size)) return undefined;
  const written = address.family === 6 || address.mapped ? 128 : 32;
  if (Number(size) > written) return undefined;
  const bits = address.mapped ? Math.max(0, Number(size) - 96) : Number(size);
  const shift = BigInt(FAMILY_BITS[address.family] - bits);
  const leadingZeros = address.leadingZeros || (size.length > 1 && size.startsWith('0'));
  return { address, bits, network: (address.value >> shift) << shift, leadingZeros };
}

/** The canonical text (RFC 5952 for IPv6). */
export function formatIP(family: 4 | 6, value: bigint): string {
  if (family === 4) {
    const bits = Number(value);
    return `${(bits >>> 24) & 255}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
  }
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(((value >> shift) & 0xffffn).toString(16));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === '0') end++;
    if (end - i > length) [start, length] = [i, end - i];
    i = Math.max(i, end - 1);
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

export const formatCIDR = (p: Prefix): string => `${formatIP(p.address.family, p.network)}/${p.bits}`;

const canonical = (a: Address): string => formatIP(a.family, a.value);

/** A field that predates strict rules: any spelling of an address that is not ambiguous. `old`: values that may stay as they are. */
export function validateIPForLegacyField(field: string, value: string, old: readonly string[] = []): FieldError[] {
  if (old.includes(value)) return [];
  const address = parseIP(value);
  if (!address) return [invalid(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  if (address.leadingZeros) return [invalid(field, value, 'must not have leading 0s')];
  return address.mapped ? [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')] : [];
}

export function validateIP(field: string, value: string): FieldError[] {
  const errors = validateIPForLegacyField(field, value);
  const address = parseIP(value);
  if (errors.length > 0 || !address || canonical(address) === value) return errors;
  return [invalid(field, value, `must be in canonical form ("${canonical(address)}")`)];
}

export function validateCIDRForLegacyField(field: string, value: string, old: readonly string[] = []): FieldError[] {
  if (old.includes(value)) return [];
  const prefix = parseCIDR(value);
  if (!prefix) return [invalid(field, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  if (prefix.leadingZeros) return [invalid(field, value, 'must not have leading 0s in IP or prefix length')];
  if (prefix.address.mapped) return [invalid(field, value, 'must not have an IPv4-mapped IPv6 address')];
  return prefix.network === prefix.address.value
    ? []
    : [invalid(field, value, 'must not have bits set beyond the prefix length')];
}

export function validateCIDR(field: string, value: string): FieldError[] {
  const errors = validateCIDRForLegacyField(field, value);
  const prefix = parseCIDR(value);
  if (errors.length > 0 || !prefix || formatCIDR(prefix) === value) return errors;
  return [invalid(field, value, `must be in canonical form ("${formatCIDR(prefix)}")`)];
}

/** `Warning` texts for an accepted but unusual address. */
export function warningsForIP(field: string, value: string): string[] {
  const address = parseIP(value);
  if (!address) return [];
  const text = canonical(address);
  if (address.leadingZeros || address.mapped)
    return [`${field}: non-standard IP address "${value}" is invalid: use "${text}"`];
  return address.family === 6 && text !== value
    ? [`${field}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${text}")`]
    : [];
}

export function warningsForCIDR(field: string, value: string): string[] {
  const prefix = parseCIDR(value);
  if (!prefix) return [];
  const { address } = prefix;
  const text = formatCIDR(prefix);
  const warnings: string[] = [];
  if (prefix.network !== address.value) {
    const single = `${canonical(address)}/${FAMILY_BITS[address.family]}`;
    warnings.push(`${field}: CIDR value "${value}" is ambiguous in this context (should be "${text}" or "${single}"?)`);
  }
  if (prefix.leadingZeros || address.mapped)
    warnings.push(`${field}: non-standard CIDR value "${value}" is invalid: use "${text}"`);
  if (warnings.length === 0 && address.family === 6 && text !== value)
    warnings.push(`${field}: IPv6 CIDR value "${value}" should be in RFC 5952 canonical format ("${text}")`);
  return warnings;
}

/** An address that a service may send to: not one that means this host or this link. */
export function validateEndpointIP(field: string, value: string): FieldError[] {
  const address = parseIP(value);
  if (!address) return [invalid(field, value, 'must be a valid IP address')];
  const wrong: string[] = [];
  const within = (cidr: string): boolean => {
    const range = parseCIDR(cidr);
    if (!range || range.address.family !== address.family) return false;
    const shift = BigInt(FAMILY_BITS[range.address.family] - range.bits);
    return address.value >> shift === range.network >> shift;
  };
  if (address.value === 0n) wrong.push(`may not be unspecified (${value})`);
  if (within('127.0.0.0/8') || within('::1/128')) wrong.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (within('169.254.0.0/16') || within('fe80::/10'))
    wrong.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (within('224.0.0.0/24') || within('ff02::/16'))
    wrong.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  return wrong.map((words) => invalid(field, value, words));
}
