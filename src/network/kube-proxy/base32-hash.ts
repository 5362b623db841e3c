/**
 * The hash in the names of chains and maps. The platform's own digest is asynchronous, and names are made in the middle of pure functions,
 * so it is a library's. Source: pkg/proxy/iptables/proxier.go.
 */
import { sha256 } from '@noble/hashes/sha2';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first `length` characters of a text's SHA-256 in RFC 4648 base32. */
export function base32Hash(text: string, length: number): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of sha256(text)) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32.charAt((value >> bits) & 31);
      if (out.length === length) return out;
    }
    value &= (1 << bits) - 1;
  }
  return out;
}
