/** Identifiers and secrets of the platform: random, and nothing of the simulation depends on them. */
import { encodeBase64url } from '../simulation/base64.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ten letters and digits that may also be a host name's first label; it starts with a letter. */
export function newClusterId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return [...bytes].map((byte, index) => ALPHABET[byte % (index === 0 ? 26 : 32)]).join('');
}

/** 256 random bits, with a prefix that scanners for leaked secrets can look for. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `diorama_${encodeBase64url(bytes)}`;
}

/** Whether a text has the form of the ids that are made here. */
export const isClusterId = (text: string): boolean => /^[a-z][a-z2-7]{9}$/.test(text);
