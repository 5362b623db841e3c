/** Keys as they stand in certificates, and what was signed with them. Source: RFC 5280, 3279, 5758, 8410. */
import { type Bytes, bitString, DerError, DerReader, oidText, TAG } from './der.ts';

export type PublicKey =
  | { type: 'RSA'; bits: number; spki: Bytes }
  | { type: 'ECDSA'; curve: string; spki: Bytes }
  | { type: 'Ed25519'; spki: Bytes }
  | { type: 'unknown'; spki: Bytes };

const CURVES: Record<string, string> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.33': 'P-224',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** `spki`: the whole SubjectPublicKeyInfo. @throws DerError */
export function parsePublicKey(spki: Bytes): PublicKey {
  const outer = new DerReader(spki);
  const info = outer.enter(TAG.sequence);
  outer.end();
  const algorithm = info.enter(TAG.sequence);
  const id = oidText(algorithm.next(TAG.oid).content);
  const key = bitString(info.next(TAG.bitString));
  switch (id) {
    case '1.2.840.113549.1.1.1': {
      const modulus = new DerReader(key).enter(TAG.sequence).next(TAG.integer).content;
      const bytes = modulus[0] === 0 ? modulus.subarray(1) : modulus;
      const top = bytes[0] ?? 0;
      return { type: 'RSA', bits: top === 0 ? 0 : bytes.length * 8 - Math.clz32(top) + 24, spki };
    }
    case '1.2.840.10045.2.1': {
      const curve = CURVES[oidText(algorithm.next(TAG.oid).content)];
      if (!curve) throw new DerError('x509: unsupported elliptic curve');
      return { type: 'ECDSA', curve, spki };
    }
    case '1.3.101.112':
      return { type: 'Ed25519', spki };
    default:
      return { type: 'unknown', spki };
  }
}

const HASHES: Record<string, string> = {
  '1.2.840.113549.1.1.11': 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};
const INSECURE: Record<string, string> = {
  '1.2.840.113549.1.1.4': 'MD5-RSA',
  '1.2.840.113549.1.1.5': 'SHA1-RSA',
  '1.2.840.10045.4.1': 'ECDSA-SHA1',
};
const COORDINATE_BYTES: Record<string, number> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

export interface Signed {
  /** What the signature is of. */
  data: Bytes;
  signature: Bytes;
  /** The OID of how it was made. */
  algorithm: string;
}

/** Why the signature is not the key's; undefined when it is. */
export async function signatureProblem(
  { data, signature, algorithm }: Signed,
  key: PublicKey,
): Promise<string | undefined> {
  const insecure = INSECURE[algorithm];
  if (insecure) return `x509: cannot verify signature: insecure algorithm ${insecure}`;
  const hash = HASHES[algorithm];
  const isRsa = algorithm.startsWith('1.2.840.113549.');
  try {
    switch (key.type) {
      case 'RSA':
        if (!hash || !isRsa) break;
        return (await verify({ name: 'RSASSA-PKCS1-v1_5', hash }, key.spki, signature, data))
          ? undefined
          : 'crypto/rsa: verification error';
      case 'ECDSA': {
        const size = COORDINATE_BYTES[key.curve];
        if (!hash || isRsa || !size) break;
        const pair = rawPair(signature, size);
        const parameters = { name: 'ECDSA', namedCurve: key.curve, hash };
        return pair && (await verify(parameters, key.spki, pair, data))
          ? undefined
          : 'x509: ECDSA verification failure';
      }
      case 'Ed25519':
        if (algorithm !== '1.3.101.112') break;
        return (await verify({ name: 'Ed25519' }, key.spki, signature, data))
          ? undefined
          : 'x509: Ed25519 verification failure';
    }
  } catch {
    return 'x509: cannot verify signature: the public key is not valid';
  }
  return 'x509: cannot verify signature: algorithm unimplemented';
}

type Algorithm = { name: string; hash?: string; namedCurve?: string };

async function verify(algorithm: Algorithm, spki: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, key, signature, data);
}

/** The two numbers of an ECDSA signature, each at its full width, as Web Crypto wants them. */
function rawPair(der: Bytes, size: number): Bytes | undefined {
  const pair = new DerReader(der).enter(TAG.sequence);
  const raw = new Uint8Array(size * 2);
  for (const half of [0, 1]) {
    const { content } = pair.next(TAG.integer);
    const number = content[0] === 0 ? content.subarray(1) : content;
    if (number.length > size) return undefined;
    raw.set(number, size * (half + 1) - number.length);
  }
  return raw;
}
