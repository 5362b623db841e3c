/**
 * X.509 certificates with ECDSA P-256 keys, over Web Crypto: a certificate authority, and what it signs. Source: RFC 5280.
 * A library for it (@peculiar/x509 with what it needs) has 55 KB packed, of which this, all that a cluster signs, has 3.
 *
 *     const ca = await createAuthority({commonName: 'kubernetes', now, years: 10});
 *     const certificate = await certifyRequest(ca, {subject, spki, usages: ['client auth'], notBefore, notAfter});
 */
import type { Bytes } from './der.ts';
import { der, integer, octets, oid, sequence, TRUE, text, time } from './der-write.ts';
import { pem, pemBlocks } from './pem.ts';

export interface KeyedCertificate {
  /** PEM of the certificate. */
  certificate: string;
  /** PEM of the private key, PKCS #8. */
  privateKey: string;
}

export interface Subject {
  commonName: string;
  /** Milliseconds since 1970; the certificate holds from an hour before. */
  now: number;
  years: number;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectKeyIdentifier: [0x55, 0x1d, 0x0e],
  keyUsage: [0x55, 0x1d, 0x0f],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  authorityKeyIdentifier: [0x55, 0x1d, 0x23],
  extKeyUsage: [0x55, 0x1d, 0x25],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
  clientAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
} as const;

/** A Name with nothing else. */
export const nameOf = (commonName: string): Bytes =>
  sequence(der(0x31, sequence(oid(OID.commonName), text(commonName))));

const extension = (id: readonly number[], critical: boolean, value: Bytes): Bytes =>
  critical ? sequence(oid(id), TRUE, octets(value)) : sequence(oid(id), octets(value));

/** Of what was written here. */
const fromPem = (source: string): Bytes => pemBlocks(source)[0]!.bytes;

/** The key identifier: SHA-1 of the public key's bits, which stand at the end of a P-256 key's SPKI. */
async function keyIdentifier(spki: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-1', spki.slice(-65)));
}

interface Contents {
  /** The DER of the subject's Name. */
  subject: Bytes;
  /** The authority's common name. */
  issuer: string;
  notBefore: number;
  notAfter: number;
  spki: Bytes;
  signingKey: CryptoKey;
  extensions: Bytes[];
}

const YEAR_MS = 365.25 * 24 * 3600 * 1000;

export const termOf = ({ now, years }: Subject): Pick<Contents, 'notBefore' | 'notAfter'> => ({
  notBefore: now - 3600_000,
  notAfter: now + years * YEAR_MS,
});

async function signed(contents: Contents): Promise<string> {
  const { subject, issuer, notBefore, notAfter, spki, signingKey, extensions } = contents;
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const serial = crypto.getRandomValues(new Uint8Array(16));
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    integer(serial),
    algorithm,
    nameOf(issuer),
    sequence(time(notBefore), time(notAfter)),
    subject,
    spki,
    der(0xa3, sequence(...extensions)),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNATURE, signingKey, body));
  const pair = sequence(integer(signature.slice(0, 32)), integer(signature.slice(32)));
  return pem('CERTIFICATE', sequence(body, algorithm, der(0x03, [0], pair)));
}

export async function newKey(): Promise<{ pair: CryptoKeyPair; spki: Bytes; privateKey: string }> {
  const pair = (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  return { pair, spki, privateKey: pem('PRIVATE KEY', pkcs8) };
}

/** The common name of each cluster's authority for clients, as kubeadm has it. */
export const CLIENT_AUTHORITY = 'kubernetes';

export interface Authority extends KeyedCertificate {
  commonName: string;
  /** PEM of the public key's SPKI. */
  publicKey: string;
}

export async function createAuthority(subject: Subject): Promise<Authority> {
  const { pair, spki, privateKey } = await newKey();
  const certificate = await signed({
    subject: nameOf(subject.commonName),
    ...termOf(subject),
    issuer: subject.commonName,
    spki,
    signingKey: pair.privateKey,
    extensions: [
      // Digital signature, key encipherment, certificate signing.
      extension(OID.keyUsage, true, der(0x03, [2, 0xa4])),
      extension(OID.basicConstraints, true, sequence(TRUE)),
      extension(OID.subjectKeyIdentifier, false, octets(await keyIdentifier(spki))),
    ],
  });
  return { commonName: subject.commonName, certificate, privateKey, publicKey: pem('PUBLIC KEY', spki) };
}

const keyOf = (authority: Authority): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', fromPem(authority.privateKey), ALGORITHM, false, ['sign']);

const issuerExtension = async (authority: Authority): Promise<Bytes> =>
  extension(OID.authorityKeyIdentifier, false, sequence(der(0x80, await keyIdentifier(fromPem(authority.publicKey)))));

/** What a request asks to be certified. */
export interface Requested {
  /** DER, as they stand in the request: its Name, its key, and its SubjectAltName if it has one. */
  subject: Bytes;
  spki: Bytes;
  names?: Bytes;
  /** As in a CertificateSigningRequest. */
  usages: readonly string[];
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
}

/** Bits of the KeyUsage extension, the first being the most significant. */
const KEY_USAGES: Record<string, number> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
};

const EXTENDED_USAGES: Record<string, readonly number[]> = {
  'server auth': OID.serverAuth,
  'client auth': OID.clientAuth,
};

/** The certificate that a request asks for, PEM; its key stays with who made it. @returns never one of an authority. */
export async function certifyRequest(authority: Authority, requested: Requested): Promise<string> {
  const { subject, spki, names, usages, notBefore, notAfter } = requested;
  const bits = usages.reduce((sum, usage) => sum | (usage in KEY_USAGES ? 0x80 >> KEY_USAGES[usage]! : 0), 0);
  const unused = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
  const extended = usages.flatMap((usage) => (usage in EXTENDED_USAGES ? [oid(EXTENDED_USAGES[usage]!)] : []));
  return signed({
    subject,
    issuer: authority.commonName,
    notBefore,
    notAfter,
    spki,
    signingKey: await keyOf(authority),
    extensions: [
      ...(bits ? [extension(OID.keyUsage, true, der(0x03, [unused, bits]))] : []),
      ...(extended.length > 0 ? [extension(OID.extKeyUsage, false, sequence(...extended))] : []),
      extension(OID.basicConstraints, true, sequence()),
      await issuerExtension(authority),
      ...(names ? [extension(OID.subjectAltName, false, names)] : []),
    ],
  });
}
