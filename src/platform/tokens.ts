/** Identifiers and secrets of the platform: random, and nothing of the simulation depends on them. */

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ten letters and digits that may also be a host name's first label; it starts with a letter. */
export function newClusterId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return [...bytes].map((byte, index) => ALPHABET[byte % (index === 0 ? 26 : 32)]).join('');
}

/** 256 random bits, with a prefix that scanners for leaked secrets can look for. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `diorama_${btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}`;
}

/** The cluster that a host name such as `kx3oqmz7ab.diorama.example` is; undefined for any other host. */
export const clusterOfHost = (hostname: string): string | undefined => /^([a-z][a-z2-7]{9})\./.exec(hostname)?.[1];
