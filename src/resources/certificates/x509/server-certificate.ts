/**
 * Whether whoever calls a server by a name may trust the certificates that it shows, in Go's words.
 * Models crypto/x509 (Certificate.Verify) as crypto/tls asks it.
 */
import { type Certificate, parseCertificate } from './certificate.ts';
import { type Bytes, DerError } from './der.ts';
import { pemBlocks } from './pem.ts';
import { signatureProblem } from './public-key.ts';

export interface Trust {
  /** PEM of those who may have signed it; undefined: those of public trust, which no server of a cluster has been certified by. */
  authorities: string | undefined;
  /** The name that it was called by. */
  name: string;
  /** The caller's time, milliseconds since 1970. */
  now: number;
}

/** Certificates of a chain that are looked at, and of a bundle: beyond them none is taken. */
export const MAX_CERTIFICATES = 500;
/** Signatures that are checked for one server, as in Go. */
export const MAX_SIGNATURE_CHECKS = 100;

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USE = '2.5.29.37.0';

/** `shown`: PEM of the server's certificate, and behind it those that lead to who has signed it. Undefined: it may be trusted. */
export async function serverProblem(shown: string, { authorities, name, now }: Trust): Promise<string | undefined> {
  const [leaf, ...between] = certificatesIn(shown);
  if (!leaf) return 'tls: received unexpected handshake message: no certificate';
  const problem =
    timeProblem(leaf, now) ?? nameProblem(leaf, name) ?? (await chainProblem(leaf, between, { authorities, now }));
  return problem === undefined ? undefined : `tls: failed to verify certificate: x509: ${problem}`;
}

/** What cannot be read is nobody's. */
const certificatesIn = (pem: string): Certificate[] =>
  pemBlocks(pem)
    .filter(({ type }) => type === 'CERTIFICATE')
    .slice(0, MAX_CERTIFICATES)
    .flatMap(({ bytes }) => {
      try {
        return [parseCertificate(bytes)];
      } catch (error) {
        if (error instanceof DerError) return [];
        throw error;
      }
    });

const goTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

function timeProblem({ notBefore, notAfter }: Certificate, now: number): string | undefined {
  const [when, bound] = now < notBefore ? ['before', notBefore] : ['after', notAfter];
  if (now >= notBefore && now <= notAfter) return undefined;
  return `certificate has expired or is not yet valid: current time ${goTime(now)} is ${when} ${goTime(bound)}`;
}

function nameProblem({ names, subject }: Certificate, name: string): string | undefined {
  if (names.dns.some((pattern) => isNameOf(pattern, name))) return undefined;
  const hasNames = [names.dns, names.emails, names.uris, names.ips].some(({ length }) => length > 0);
  if (!hasNames && isNameOf(subject.commonName, name))
    return 'certificate relies on legacy Common Name field, use SANs instead';
  if (names.dns.length === 0) return `certificate is not valid for any names, but wanted to match ${name}`;
  return `certificate is valid for ${names.dns.join(', ')}, not ${name}`;
}

/** A star stands for the whole of the first label. */
function isNameOf(pattern: string, name: string): boolean {
  const [first, ...labels] = pattern.toLowerCase().replace(/\.$/, '').split('.');
  const [asked, ...rest] = name.toLowerCase().split('.');
  return (first === '*' ? labels.length > 0 : first === asked) && labels.join('.') === rest.join('.');
}

const TOO_MANY_CHECKS = 'signature check attempts limit reached while verifying certificate chain';

interface Hint {
  problem: string;
  candidate: Certificate;
}

/** Looks for a way of signatures from the certificate to an authority. */
async function chainProblem(
  leaf: Certificate,
  between: readonly Certificate[],
  { authorities, now }: Pick<Trust, 'authorities' | 'now'>,
): Promise<string | undefined> {
  const roots = authorities === undefined ? [] : certificatesIn(authorities);
  // An authority's bundle may have the server's own.
  let isTrusted = roots.some((root) => sameBytes(root.data, leaf.data));
  let hint: Hint | undefined;
  const seen = new Set<Certificate>([leaf]);
  let checks = 0;
  for (let at = [leaf]; !isTrusted && at.length > 0; ) {
    const next: Certificate[] = [];
    for (const certificate of at)
      for (const candidate of [...roots, ...between]) {
        if (isTrusted || seen.has(candidate) || !sameBytes(candidate.subjectDer, certificate.issuerDer)) continue;
        if (++checks > MAX_SIGNATURE_CHECKS) return TOO_MANY_CHECKS;
        const problem = await signerProblem(certificate, candidate);
        if (problem !== undefined) hint ??= { problem, candidate };
        else if (timeProblem(candidate, now) === undefined) {
          seen.add(candidate);
          isTrusted = roots.includes(candidate);
          next.push(candidate);
        }
      }
    at = next;
  }
  if (!isTrusted) return unknownAuthority(hint);
  const { extendedUsages: usages } = leaf;
  const isForServers = usages === undefined || usages.includes(SERVER_AUTH) || usages.includes(ANY_USE);
  return isForServers ? undefined : 'certificate specifies an incompatible key usage';
}

async function signerProblem(certificate: Certificate, { isCA, key }: Certificate): Promise<string | undefined> {
  if (!isCA) return 'x509: invalid signature: parent certificate cannot sign this kind of certificate';
  return signatureProblem(certificate, key);
}

function unknownAuthority(hint: Hint | undefined): string {
  const unknown = 'certificate signed by unknown authority';
  if (!hint) return unknown;
  const { commonName, organizations } = hint.candidate.subject;
  const who = JSON.stringify(commonName || (organizations[0] ?? ''));
  const why = JSON.stringify(hint.problem);
  return `${unknown} (possibly because of ${why} while trying to verify candidate authority certificate ${who})`;
}

const sameBytes = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
