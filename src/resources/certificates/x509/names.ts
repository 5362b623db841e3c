/** Names in certificates and in requests for them: the subject, and the alternatives to it. Source: RFC 5280. */
import { type Bytes, DerReader, derText, oidText, TAG } from './der.ts';

export interface Subject {
  commonName: string;
  organizations: string[];
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** From the content of a Name. */
export function parseSubject(content: Bytes): Subject {
  const subject: Subject = { commonName: '', organizations: [] };
  for (const sets = new DerReader(content); !sets.done; )
    for (const set = sets.enter(TAG.set); !set.done; ) {
      const pair = set.enter(TAG.sequence);
      const type = oidText(pair.next(TAG.oid).content);
      const value = derText(pair.next());
      if (type === COMMON_NAME) subject.commonName = value;
      if (type === ORGANIZATION) subject.organizations.push(value);
    }
  return subject;
}

export interface AlternativeNames {
  dns: string[];
  emails: string[];
  uris: string[];
  ips: Bytes[];
}

/** From the DER of a SubjectAltName extension. */
export function parseAlternativeNames(der: Bytes): AlternativeNames {
  const names: AlternativeNames = { dns: [], emails: [], uris: [], ips: [] };
  const outer = new DerReader(der);
  const list = outer.enter(TAG.sequence);
  outer.end();
  while (!list.done) {
    const name = list.next();
    if (name.tag === 0x81) names.emails.push(derText(name));
    else if (name.tag === 0x82) names.dns.push(derText(name));
    else if (name.tag === 0x86) names.uris.push(derText(name));
    else if (name.tag === 0x87) names.ips.push(name.content);
  }
  return names;
}

/** The extensions by their OID: the content of a SEQUENCE of them. */
export function parseExtensions(list: DerReader): Map<string, Bytes> {
  const extensions = new Map<string, Bytes>();
  while (!list.done) {
    const extension = list.enter(TAG.sequence);
    const id = oidText(extension.next(TAG.oid).content);
    if (extension.peek() === TAG.boolean) extension.next();
    extensions.set(id, extension.next(TAG.octetString).content);
  }
  return extensions;
}

export const SUBJECT_ALT_NAME = '2.5.29.17';
