/** Names and hardware addresses that the real machine makes up at random: here from what they are for and how often that was before. */
import { sha512 } from '@noble/hashes/sha2';
import type { Machine } from './machine.ts';

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** `bytes` that are never the same twice on a machine, and depend on nothing but what they are for and how often that was asked. */
function draw({ draws }: Machine, purpose: string, bytes: number): string[] {
  const before = Object.hasOwn(draws, purpose) ? draws[purpose]! : 0;
  draws[purpose] = before + 1;
  const digest = sha512(`${purpose}\n${before}`);
  return Array.from(digest.subarray(0, bytes), hex);
}

/** A unicast address that belongs to no maker. */
export function drawMAC(machine: Machine, purpose: string): string {
  const [first, ...rest] = draw(machine, `mac ${purpose}`, 6);
  return [hex((Number.parseInt(first!, 16) & 0xfc) | 2), ...rest].join(':');
}

export const drawVethName = (machine: Machine, purpose: string): string =>
  `veth${draw(machine, `veth ${purpose}`, 4).join('')}`;

/** A text's SHA-512 as hexadecimal digits, as names of chains and devices are made. `length`: of the whole name. */
export function hashedName(prefix: string, text: string, length: number): string {
  let name = prefix;
  for (const byte of sha512(text)) {
    if (name.length >= length) break;
    name += hex(byte);
  }
  return name.slice(0, length);
}
