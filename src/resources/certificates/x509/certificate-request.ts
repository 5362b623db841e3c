/** Requests for certificates. Source: RFC 2986 (PKCS #10). */
import { type Bytes, bitString, DerReader, oidText, TAG } from './der.ts';
import {
  type AlternativeNames,
  parseAlternativeNames,
  parseExtensions,
  parseSubject,
  SUBJECT_ALT_NAME,
  type Subject,
} from './names.ts';
import { pemBlocks } from './pem.ts';
import { type PublicKey, parsePublicKey, type Signed } from './public-key.ts';

export interface CertificateRequest extends Signed {
  subject: Subject;
  /** The DER of its Name. */
  subjectDer: Bytes;
  names: AlternativeNames;
  /** The DER of the SubjectAltName extension. */
  namesDer?: Bytes;
  key: PublicKey;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** @throws DerError */
export function parseCertificateRequest(der: Bytes): CertificateRequest {
  const outer = new DerReader(der);
  const whole = outer.enter(TAG.sequence);
  outer.end();
  const info = whole.next(TAG.sequence);
  const algorithm = oidText(whole.enter(TAG.sequence).next(TAG.oid).content);
  const signature = bitString(whole.next(TAG.bitString));
  const parts = new DerReader(info.content);
  parts.next(TAG.integer);
  const name = parts.next(TAG.sequence);
  const key = parsePublicKey(parts.next(TAG.sequence).raw);
  const namesDer = parts.done ? undefined : alternativeNames(parts.enter(TAG.context(0)));
  return {
    data: info.raw,
    signature,
    algorithm,
    subject: parseSubject(name.content),
    subjectDer: name.raw,
    names: namesDer ? parseAlternativeNames(namesDer) : { dns: [], emails: [], uris: [], ips: [] },
    ...(namesDer ? { namesDer } : {}),
    key,
  };
}

function alternativeNames(attributes: DerReader): Bytes | undefined {
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.sequence);
    if (oidText(attribute.next(TAG.oid).content) !== EXTENSION_REQUEST) continue;
    const values = attribute.enter(TAG.set);
    if (!values.done) return parseExtensions(values.enter(TAG.sequence)).get(SUBJECT_ALT_NAME);
  }
  return undefined;
}

/** The request in the base64 of a PEM text, as `spec.request` has it. @throws Error, DerError */
export function requestInSpec(base64: string): CertificateRequest {
  const [block] = pemBlocks(textOf(base64));
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  return parseCertificateRequest(block.bytes);
}

function textOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}
