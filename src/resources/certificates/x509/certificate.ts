/** Certificates, as far as validation and controllers look into them. Source: RFC 5280. */
import { type Bytes, DerReader, derTime, TAG } from './der.ts';
import { type AlternativeNames, parseAlternativeNames, parseExtensions, SUBJECT_ALT_NAME } from './names.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';

export interface Certificate {
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  key: PublicKey;
  isCA: boolean;
  names: AlternativeNames;
}

const BASIC_CONSTRAINTS = '2.5.29.19';

/** @throws DerError */
export function parseCertificate(der: Bytes): Certificate {
  const outer = new DerReader(der);
  const whole = outer.enter(TAG.sequence);
  outer.end();
  const parts = whole.enter(TAG.sequence);
  whole.next(TAG.sequence);
  whole.next(TAG.bitString);
  if (parts.peek() === TAG.context(0)) parts.next();
  parts.next(TAG.integer);
  parts.next(TAG.sequence);
  parts.next(TAG.sequence);
  const validity = parts.enter(TAG.sequence);
  const [notBefore, notAfter] = [derTime(validity.next()), derTime(validity.next())];
  parts.next(TAG.sequence);
  const key = parsePublicKey(parts.next(TAG.sequence).raw);
  const extensions = extensionsOf(parts);
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  const names = extensions.get(SUBJECT_ALT_NAME);
  return {
    notBefore,
    notAfter,
    key,
    isCA: constraints !== undefined && saysCA(constraints),
    names: names ? parseAlternativeNames(names) : { dns: [], emails: [], uris: [], ips: [] },
  };
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
