/**
 * Who a request is from by the certificate that its client has shown in the TLS handshake, where it has proved that the key is its own.
 * Models k8s.io/apiserver/pkg/authentication/request/x509.
 */
import { type Certificate, parseCertificate } from '../../resources/certificates/x509/certificate.ts';
import { type Bytes, DerError } from '../../resources/certificates/x509/der.ts';
import { pemBlocks } from '../../resources/certificates/x509/pem.ts';
import { signatureProblem } from '../../resources/certificates/x509/public-key.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { type Identity, unauthorized } from './authentication.ts';

/** The certificate that a client showed, base64 of its DER. */
export type ShownCertificate = string;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** Any use is a client's too. */
const ANY_USE = '2.5.29.37.0';

interface Certified {
  identity: Identity;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
}

/** What is remembered, characters of certificates and of the authorities that they were held to. */
export const REMEMBERED_CERTIFICATES = 1024 * 1024;
const known = new BoundedMap<Certified>(REMEMBERED_CERTIFICATES, (_, key) => key.length);

/**
 * Undefined: it names nobody. `authority`: PEM of what must have signed it; `now`: the cluster's time, milliseconds.
 * @throws StatusError 401
 */
export async function certifiedIdentity(
  shown: ShownCertificate,
  authority: string | undefined,
  now: number,
): Promise<Identity | undefined> {
  if (authority === undefined) throw unauthorized();
  const key = `${authority}${shown}`;
  const certified = known.get(key) ?? (await certify(shown, authority));
  if (!certified) throw unauthorized();
  known.set(key, certified);
  if (now < certified.notBefore || now > certified.notAfter) throw unauthorized();
  return certified.identity.user === '' ? undefined : certified.identity;
}

/** Undefined: it is not the authority's, or not for clients. */
async function certify(shown: ShownCertificate, authority: string): Promise<Certified | undefined> {
  try {
    const der = decodeBase64(shown);
    const certificate = parseCertificate(der);
    const issuer = parseCertificate(pemBlocks(authority)[0]!.bytes);
    if (!isForClients(certificate) || !sameBytes(certificate.issuerDer, issuer.subjectDer)) return undefined;
    if ((await signatureProblem(certificate, issuer.key)) !== undefined) return undefined;
    const { notBefore, notAfter } = certificate;
    return { identity: await identityIn(certificate, der), notBefore, notAfter };
  } catch (error) {
    if (error instanceof DerError || error instanceof DOMException) return undefined;
    throw error;
  }
}

const isForClients = ({ extendedUsages: usages }: Certificate): boolean =>
  usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_USE);

const sameBytes = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

async function identityIn({ subject }: Certificate, der: Bytes): Promise<Identity> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', der));
  const id = `X509SHA256=${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const { commonName: user, organizations } = subject;
  const groups = [
    ...organizations,
    ...(organizations.includes('system:authenticated') ? [] : ['system:authenticated']),
  ];
  return { user, groups, extra: { 'authentication.kubernetes.io/credential-id': [id] } };
}
