/** The local server's certificates: an authority that stays with the state, and a server certificate made at each start. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIP } from '../../src/objects/ip.ts';
import {
  type Authority,
  CLIENT_AUTHORITY,
  certifyRequest,
  createAuthority,
  type KeyedCertificate,
  nameOf,
  newKey,
  type Subject,
  termOf,
} from '../../src/resources/certificates/x509/authority.ts';
import type { Bytes } from '../../src/resources/certificates/x509/der.ts';
import { der, sequence, utf8 } from '../../src/resources/certificates/x509/der-write.ts';

/**
 * `hosts`: the names and addresses by which the server is reached. `clients`: the certificate of an authority with the name of those of the
 * clusters; nobody has its key.
 */
export async function localCertificates(
  stateDir: string,
  hosts: string[],
): Promise<{ ca: string; clients: string; server: KeyedCertificate }> {
  const file = join(stateDir, 'authority.json');
  const now = Date.now();
  if (!existsSync(file)) {
    const created = await createAuthority({ commonName: 'Diorama local CA', now, years: 10 });
    writeFileSync(file, JSON.stringify(created, null, 2), { mode: 0o600 });
  }
  const authority: Authority = JSON.parse(readFileSync(file, 'utf8'));
  const server = await issueCertificate(authority, { commonName: 'localhost', hosts, now, years: 1 });
  const { certificate: clients } = await createAuthority({ commonName: CLIENT_AUTHORITY, now, years: 1 });
  return { ca: authority.certificate, clients, server };
}

/** A server's certificate for `hosts`, DNS names and addresses, with a key of its own. */
export async function issueCertificate(
  authority: Authority,
  subject: Subject & { hosts: string[] },
): Promise<KeyedCertificate> {
  const { spki, privateKey } = await newKey();
  const certificate = await certifyRequest(authority, {
    subject: nameOf(subject.commonName),
    spki,
    names: sequence(...subject.hosts.map(alternativeName)),
    usages: ['digital signature', 'server auth'],
    ...termOf(subject),
  });
  return { certificate, privateKey };
}

function alternativeName(host: string): Bytes {
  const address = parseIP(host);
  if (!address) return der(0x82, utf8(host));
  const bytes = Array.from({ length: address.family === 4 ? 4 : 16 }, (_, i) =>
    Number((address.value >> BigInt(8 * i)) & 0xffn),
  );
  return der(0x87, bytes.reverse());
}
