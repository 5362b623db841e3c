/** Certificates, as far as validation and controllers look into them. Source: RFC 5280. */
import { type Bytes, bitString, DerReader, derTime, oidText, TAG } from './der.ts';
import {
  type AlternativeNames,
  parseAlternativeNames,
  parseExtensions,
  parseSubject,
  SUBJECT_ALT_NAME,
  type Subject,
} from './names.ts';
import { type PublicKey, parsePublicKey, type Signed } from './public-key.ts';

export interface Certificate extends Signed {
  subject: Subject;
  /** The DER of its subject's Name, and of its issuer's. */
  subjectDer: Bytes;
  issuerDer: Bytes;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  key: PublicKey;
  isCA: boolean;
  names: AlternativeNames;
  /** The OIDs of what it is for; undefined: for everything. */
  extendedUsages?: string[];
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';

/** @throws DerError */
export function parseCertificate(der: Bytes): Certificate {
  const outer = new DerReader(der);
  const whole = outer.enter(TAG.sequence);
  outer.end();
  const body = whole.next(TAG.sequence);
  const algorithm = oidText(whole.enter(TAG.sequence).next(TAG.oid).content);
  const signature = bitString(whole.next(TAG.bitString));
  const parts = new DerReader(body.content);
  if (parts.peek() === TAG.context(0)) parts.next();
  parts.next(TAG.integer);
  parts.next(TAG.sequence);
  const issuer = parts.next(TAG.sequence);
  const validity = parts.enter(TAG.sequence);
  const [notBefore, notAfter] = [derTime(validity.next()), derTime(validity.next())];
  const subject = parts.next(TAG.sequence);
  const key = parsePublicKey(parts.next(TAG.sequence).raw);
  const extensions = extensionsOf(parts);
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  const names = extensions.get(SUBJECT_ALT_NAME);
  const usages = extensions.get(EXTENDED_KEY_USAGE);
  return {
    data: body.raw,
    signature,
    algorithm,
    subject: parseSubject(subject.content),
    subjectDer: subject.raw,
    issuerDer: issuer.raw,
    notBefore,
    notAfter,
    key,
    isCA: constraints !== undefined && saysCA(constraints),
    names: names ? parseAlternativeNames(names) : { dns: [], emails: [], uris: [], ips: [] },
    ...(usages ? { extendedUsages: usagesIn(usages) } : {}),
  };
}

function usagesIn(extension: Bytes): string[] {
  const usages: string[] = [];
  for (const list = new DerReader(extension).enter(TAG.sequence); !list.done; )
    usages.push(oidText(list.next(TAG.oid).content));
  return usages;
}

function extensionsOf(parts: DerReader): Map<string, Bytes> {
  while (!parts.done) {
    const { tag, content } = parts.next();
    if (tag === TAG.context(3)) return parseExtensions(new DerReader(content).enter(TAG.sequence));
  }
  return new Map();
}

function saysCA(constraints: Bytes): boolean {
  const inside = new DerReader(constraints).enter(TAG.sequence);
  return inside.peek() === TAG.boolean && inside.next().content[0] !== 0;
}
