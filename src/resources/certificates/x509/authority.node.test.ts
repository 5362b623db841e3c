import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueCertificate } from '../../../../scripts/local/certificates.ts';
import { createAuthority } from './authority.ts';

const now = Date.parse('2026-10-28T09:00:00Z');

describe('certificates', () => {
  it('are what others read them to be', async () => {
    const authority = new X509Certificate((await createAuthority({ commonName: 'a-ca', now, years: 10 })).certificate);
    expect([authority.subject, authority.issuer, authority.ca]).toEqual(['CN=a-ca', 'CN=a-ca', true]);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(authority.validFromDate.getTime()).toBe(now - 3600_000);
    expect(authority.validToDate.getUTCFullYear()).toBe(2036);
  });

  it('chain to the authority that issued them, for the hosts they name', async () => {
    const authority = await createAuthority({ commonName: 'a-ca', now, years: 10 });
    const hosts = ['localhost', '127.0.0.1', '::1', '2001:db8::a:7'];
    const issued = await issueCertificate(authority, { commonName: 'localhost', hosts, now, years: 1 });
    const server = new X509Certificate(issued.certificate);
    expect(server.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(server.verify(createPublicKey(authority.publicKey))).toBe(true);
    expect(server.checkPrivateKey(createPrivateKey(issued.privateKey))).toBe(true);
    expect([server.ca, server.checkHost('localhost'), server.checkHost('example.com')]).toEqual([
      false,
      'localhost',
      undefined,
    ]);
    for (const address of hosts.slice(1)) expect(server.checkIP(address)).toBe(address);
    expect([server.checkIP('127.0.0.2'), server.checkIP('2001:db8::7')]).toEqual([undefined, undefined]);
  });

  it('hold beyond 2050', async () => {
    const { certificate } = await createAuthority({ commonName: 'late', now, years: 40 });
    expect(new X509Certificate(certificate).validToDate.getUTCFullYear()).toBe(2066);
  });
});
