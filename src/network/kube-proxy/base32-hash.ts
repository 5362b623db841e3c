/**
 * The hash in the names of chains and maps. The platform's own digest is asynchronous, and names are made in the middle of pure functions,
 * so it is a library's; one state of it serves all of them, since there is a name for every endpoint. Source: pkg/proxy/iptables/proxier.go.
 */
import { sha256 } from '@noble/hashes/sha2';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Five bytes are eight characters. */
const GROUP_BYTES = 5;
const GROUP_CHARACTERS = 8;

const EMPTY = sha256.create();
const state = sha256.create();
const digest = new Uint8Array(sha256.outputLen);
const encoder = new TextEncoder();

/** The first `length` characters of a text's SHA-256 in RFC 4648 base32; `length`: 48 at most. */
export function base32Hash(text: string, length: number): string {
  EMPTY._cloneInto(state);
  state.update(encoder.encode(text)).digestInto(digest);
  let out = '';
  for (let group = 0; group * GROUP_CHARACTERS < length; group++) out += groupText(group * GROUP_BYTES);
  return out.slice(0, length);
}

function groupText(at: number): string {
  const high = (digest[at]! << 12) | (digest[at + 1]! << 4) | (digest[at + 2]! >> 4);
  const low = ((digest[at + 2]! & 15) << 16) | (digest[at + 3]! << 8) | digest[at + 4]!;
  return twenty(high) + twenty(low);
}

/** Twenty bits. */
const twenty = (bits: number): string =>
  BASE32[bits >> 15]! + BASE32[(bits >> 10) & 31]! + BASE32[(bits >> 5) & 31]! + BASE32[bits & 31]!;
