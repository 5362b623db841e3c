import { describe, expect, it } from 'vitest';
import {
  type Authority,
  CLIENT_AUTHORITY,
  certifyRequest,
  createAuthority,
  nameOf,
  newKey,
  type Requested,
} from '../../resources/certificates/x509/authority.ts';
import { sequence } from '../../resources/certificates/x509/der-write.ts';
import { certifiedIdentity, REMEMBERED_CERTIFICATES } from './client-certificate.ts';

const now = Date.parse('2026-11-28T09:00:00Z');
const HOUR_MS = 3600_000;
const authority = await createAuthority({ commonName: CLIENT_AUTHORITY, now, years: 10 });

async function shown(by: Authority, requested: Partial<Requested> = {}): Promise<string> {
  const { spki } = await newKey();
  const { usages = ['client auth'], subject = nameOf('ann') } = requested;
  const term = { notBefore: now - HOUR_MS, notAfter: now + HOUR_MS };
  const pem = await certifyRequest(by, { subject, spki, usages, ...term, ...requested });
  return pem.replaceAll(/-----.*-----|\s/g, '');
}

describe('a certificate of the authority', () => {
  it('names its user', async () => {
    const certificate = await shown(authority);
    const identity = await certifiedIdentity(certificate, authority.certificate, now);
    expect(identity).toMatchObject({ user: 'ann', groups: ['system:authenticated'] });
  });

  it('names nobody without a common name', async () => {
    const certificate = await shown(authority, { subject: sequence() });
    expect(await certifiedIdentity(certificate, authority.certificate, now)).toBeUndefined();
  });

  it.each([-HOUR_MS - 1, HOUR_MS + 1])('does not hold %i ms from then', async (after) => {
    const certificate = await shown(authority);
    expect(await certifiedIdentity(certificate, authority.certificate, now)).toBeDefined();
    await expect(certifiedIdentity(certificate, authority.certificate, now + after)).rejects.toThrow('Unauthorized');
  });

  it('is for clients, or for nothing in particular', async () => {
    const forServers = await shown(authority, { usages: ['server auth'] });
    await expect(certifiedIdentity(forServers, authority.certificate, now)).rejects.toThrow('Unauthorized');
    const forAll = await shown(authority, { usages: [] });
    expect(await certifiedIdentity(forAll, authority.certificate, now)).toMatchObject({ user: 'ann' });
  });
});

it.each([CLIENT_AUTHORITY, 'another'])('what another authority named %s has signed is nothing', async (commonName) => {
  const certificate = await shown(await createAuthority({ commonName, now, years: 10 }));
  await expect(certifiedIdentity(certificate, authority.certificate, now)).rejects.toThrow('Unauthorized');
});

it.each(['', 'AAAA', '%', 'MAA='])('what is no certificate is nothing: %j', async (text) => {
  await expect(certifiedIdentity(text, authority.certificate, now)).rejects.toThrow('Unauthorized');
});

it('a cluster without an authority knows none', async () => {
  await expect(certifiedIdentity(await shown(authority), undefined, now)).rejects.toThrow('Unauthorized');
});

it('is read anew when it is too long to be remembered', async () => {
  const padding = '\n'.repeat(REMEMBERED_CERTIFICATES);
  const certificate = (await shown(authority)) + padding;
  for (const _ of [1, 2])
    expect(await certifiedIdentity(certificate, authority.certificate, now)).toMatchObject({ user: 'ann' });
});
