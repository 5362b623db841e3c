/** The local server's certificates: an authority that stays with the state, and a server certificate made at each start. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Authority,
  createAuthority,
  issueCertificate,
  type KeyedCertificate,
} from '../../src/platform/certificate.ts';

/** `hosts`: the names and addresses by which the server is reached. */
export async function localCertificates(
  stateDir: string,
  hosts: string[],
): Promise<{ ca: string; server: KeyedCertificate }> {
  const file = join(stateDir, 'authority.json');
  const now = Date.now();
  if (!existsSync(file)) {
    const created = await createAuthority({ commonName: 'Diorama local CA', now, years: 10 });
    writeFileSync(file, JSON.stringify(created, null, 2), { mode: 0o600 });
  }
  const authority: Authority = JSON.parse(readFileSync(file, 'utf8'));
  const server = await issueCertificate(authority, { commonName: 'localhost', hosts, now, years: 1 });
  return { ca: authority.certificate, server };
}
