/** IP addresses and CIDRs as bytes, read leniently and printed in the one form that Go prints: what rules and names are made of. */

export type IPFamily = 'IPv4' | 'IPv6';

export interface CIDR {
  bytes: number[];
  prefix: number;
}

/** Four bytes or sixteen; an IPv4 address inside IPv6 (`::ffff:1.2.3.4`) is four, as in Go. Undefined for anything else. */
export function parseIP(text: string): number[] | undefined {
  if (!text.includes(':')) return parseIPv4(text);
  let rest = text;
  const tail: number[] = [];
  const lastColon = rest.lastIndexOf(':');
  if (rest.includes('.')) {
    const dotted = parseIPv4(rest.slice(lastColon + 1));
    if (!dotted) return undefined;
    tail.push(...dotted);
    rest = rest.slice(0, lastColon + 1);
    if (!rest.endsWith('::')) rest = rest.slice(0, -1);
  }
  const halves = rest.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '');
  const end = groups(halves[1] ?? '');
  if (!head || !end) return undefined;
  end.push(...tail);
  const missing = 16 - head.length - end.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  const bytes = [...head, ...new Array<number>(missing).fill(0), ...end];
  const mapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

function parseIPv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => /^\d{1,3}$/.test(p) && Number(p) <= 255)) return undefined;
  return parts.map(Number);
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  for (const group of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const word = Number.parseInt(group, 16);
    bytes.push(word >> 8, word & 255);
  }
  return bytes;
}

/** Dotted quad, or RFC 5952: lower case, the first longest run of two or more zero groups as `::`. */
export function formatIP(bytes: number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && words[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
    i += run;
  }
  const hex = words.map((w) => w.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

export const familyOf = (bytes: number[]): IPFamily => (bytes.length === 4 ? 'IPv4' : 'IPv6');

/** The canonical text if it is an address of the family. */
export function canonicalIP(text: string | undefined, family: IPFamily): string | undefined {
  const bytes = text ? parseIP(text) : undefined;
  return bytes && familyOf(bytes) === family ? formatIP(bytes) : undefined;
}

/** The network, host bits cleared. */
export function parseCIDR(text: string): CIDR | undefined {
  const slash = text.indexOf('/');
  const bytes = slash < 0 ? undefined : parseIP(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (!bytes || !/^\d{1,3}$/.test(digits)) return undefined;
  const prefix = Number(digits);
  if (prefix > bytes.length * 8) return undefined;
  return { bytes: bytes.map((b, i) => b & maskByte(prefix, i)), prefix };
}

const maskByte = (prefix: number, i: number): number => (0xff00 >> Math.max(0, Math.min(8, prefix - i * 8))) & 0xff;

export const formatCIDR = (cidr: CIDR): string => `${formatIP(cidr.bytes)}/${cidr.prefix}`;

export function contains(cidr: CIDR, ip: number[]): boolean {
  return cidr.bytes.length === ip.length && cidr.bytes.every((b, i) => b === ((ip[i] ?? 0) & maskByte(cidr.prefix, i)));
}

/** The CIDRs of one family among the texts; white space around them is allowed. */
export const cidrsOf = (texts: string[] | undefined, family: IPFamily): CIDR[] =>
  (texts ?? []).flatMap((text) => {
    const cidr = parseCIDR(text.trim());
    return cidr && familyOf(cidr.bytes) === family ? [cidr] : [];
  });
