import { expect, it } from 'vitest';
import { issueCertificate } from '../../../../scripts/local/certificates.ts';
import { certifyRequest, createAuthority, nameOf, newKey } from './authority.ts';
import { der, sequence, utf8 } from './der-write.ts';
import { MAX_CERTIFICATES, MAX_SIGNATURE_CHECKS, serverProblem } from './server-certificate.ts';

const now = Date.parse('2026-11-28T09:00:00Z');
const term = { now, years: 1 };
const authority = await createAuthority({ commonName: 'a-ca', ...term });
const name = 'hook.ops.svc';
const shown = async (hosts: string[], commonName = 'x'): Promise<string> =>
  (await issueCertificate(authority, { commonName, hosts, ...term })).certificate;
const problem = (certificate: string, over: object = {}) =>
  serverProblem(certificate, { authorities: authority.certificate, name, now, ...over });
const VERIFY = 'tls: failed to verify certificate: x509: ';

it('trusts what an authority has signed for the name, also by a star, and in any case of letters', async () => {
  for (const hosts of [[name], ['other', '*.ops.svc'], ['HOOK.ops.SVC']])
    expect(await problem(await shown(hosts))).toBeUndefined();
});

it.each([
  [['hook.ops'], 'certificate is valid for hook.ops, not hook.ops.svc'],
  [['*.svc', 'a'], 'certificate is valid for *.svc, a, not hook.ops.svc'],
  [['127.0.0.1'], 'certificate is not valid for any names, but wanted to match hook.ops.svc'],
])('says that a certificate for %j is another’s', async (hosts, expected) => {
  expect(await problem(await shown(hosts))).toBe(VERIFY + expected);
});

it('wants the name where names belong', async () => {
  const { spki } = await newKey();
  const requested = { subject: nameOf(name), spki, usages: ['server auth'], notBefore: now, notAfter: now + 1000 };
  const legacy = await certifyRequest(authority, requested);
  expect(await problem(legacy)).toBe(`${VERIFY}certificate relies on legacy Common Name field, use SANs instead`);
});

it('looks at the caller’s clock, to the instant', async () => {
  const certificate = await shown([name]);
  const end = now + 365.25 * 24 * 3600_000;
  expect(await problem(certificate, { now: end })).toBeUndefined();
  expect(await problem(certificate, { now: end + 1000 })).toBe(
    `${VERIFY}certificate has expired or is not yet valid: current time 2027-11-28T15:00:01Z is after 2027-11-28T15:00:00Z`,
  );
  expect(await problem(certificate, { now: now - 2 * 3600_000 })).toBe(
    `${VERIFY}certificate has expired or is not yet valid: current time 2026-11-28T07:00:00Z is before 2026-11-28T08:00:00Z`,
  );
});

it('is for servers', async () => {
  const { spki } = await newKey();
  const names = sequence(der(0x82, utf8(name)));
  const term = { notBefore: now, notAfter: now + 1000 };
  const issued = (usage: string) =>
    certifyRequest(authority, { subject: nameOf('x'), spki, names, usages: [usage], ...term });
  expect(await problem(await issued('client auth'))).toBe(`${VERIFY}certificate specifies an incompatible key usage`);
  expect(await problem(await issued('server auth'))).toBeUndefined();
});

it('says who might have signed and has not', async () => {
  const certificate = await shown([name]);
  const unknown = `${VERIFY}certificate signed by unknown authority`;
  expect(await problem(certificate, { authorities: undefined })).toBe(unknown);
  expect(await problem(certificate, { authorities: 'nonsense' })).toBe(unknown);
  const other = await createAuthority({ commonName: 'other', ...term });
  expect(await problem(certificate, { authorities: other.certificate })).toBe(unknown);
  const namesake = await createAuthority({ commonName: 'a-ca', ...term });
  expect(await problem(certificate, { authorities: namesake.certificate })).toBe(
    `${unknown} (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "a-ca")`,
  );
  // Among several it is found.
  const several = `${namesake.certificate}${other.certificate}${authority.certificate}`;
  expect(await problem(certificate, { authorities: several })).toBeUndefined();
});

it('trusts a certificate that the bundle has itself, and nothing that shows none', async () => {
  const certificate = await shown([name]);
  expect(await problem(certificate, { authorities: certificate })).toBeUndefined();
  expect(await problem('', {})).toContain('tls: ');
});

it('looks at so many certificates of a bundle', async () => {
  const other = (await createAuthority({ commonName: 'other', ...term })).certificate;
  const behind = (count: number): string => `${other.repeat(count)}${authority.certificate}`;
  const certificate = await shown([name]);
  expect(await problem(certificate, { authorities: behind(MAX_CERTIFICATES - 1) })).toBeUndefined();
  expect(await problem(certificate, { authorities: behind(MAX_CERTIFICATES) })).toContain('unknown authority');
});

it('checks so many signatures', async () => {
  const namesake = (await createAuthority({ commonName: 'a-ca', ...term })).certificate;
  const behind = (count: number): string => `${namesake.repeat(count)}${authority.certificate}`;
  const certificate = await shown([name]);
  expect(await problem(certificate, { authorities: behind(MAX_SIGNATURE_CHECKS - 1) })).toBeUndefined();
  expect(await problem(certificate, { authorities: behind(MAX_SIGNATURE_CHECKS) })).toBe(
    `${VERIFY}signature check attempts limit reached while verifying certificate chain`,
  );
});
