/** ClusterTrustBundle. Source: k8s.io/kubernetes/pkg/apis/certificates/validation. */

import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, tooLong } from '../../objects/field-error.ts';
import type { ClusterTrustBundle } from '../../objects/generated/certificates-v1.gen.ts';
import { byteLength, isDNS1123Subdomain } from '../../objects/names.ts';
import { forbidden as refused } from '../../objects/status.ts';
import { onlyForCollection } from '../rbac/escalation.ts';
import { mayActFor, validateSignerName } from './signer-name.ts';
import { parseCertificate } from './x509/certificate.ts';
import { type PemBlock, pemBlocks } from './x509/pem.ts';

export const MAX_TRUST_BUNDLE_BYTES = 1024 * 1024;

/** A bundle of a signer is named after it. */
export function trustBundleNameProblems(name: string, signer: string): string[] {
  if (signer === '')
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : isDNS1123Subdomain(name);
  const prefix = `${signer.replaceAll('/', ':')}:`;
  if (name.startsWith(prefix)) return isDNS1123Subdomain(name.slice(prefix.length));
  return [`ClusterTrustBundle for signerName ${signer} must be named with prefix ${prefix}`];
}

function validateBundle(o: ClusterTrustBundle, parse = true): FieldError[] {
  const { signerName = '', trustBundle = '' } = o.spec ?? {};
  const { name } = o.metadata;
  const wrong = name ? trustBundleNameProblems(name, signerName) : [];
  return [
    ...wrong.map((words) => invalid('metadata.name', name, words)),
    ...(signerName === '' ? [] : validateSignerName(signerName, 'spec.signerName')),
    ...(parse ? validateAnchors(trustBundle, 'spec.trustBundle') : []),
  ];
}

const omitted = (field: string, detail: string): FieldError => invalid(field, '<value omitted>', detail);

function validateAnchors(text: string, field: string): FieldError[] {
  if (byteLength(text) > MAX_TRUST_BUNDLE_BYTES) return [tooLong(field, MAX_TRUST_BUNDLE_BYTES)];
  const blocks = pemBlocks(text);
  const errors = blocks.flatMap((block, i) => {
    const problem = anchorProblem(block);
    return problem ? [omitted(field, `entry ${i} ${problem}`)] : [];
  });
  if (errors.length > 0) return errors;
  if (blocks.length === 0) return [omitted(field, 'at least one trust anchor must be provided')];
  const places = new Map<string, number[]>();
  for (const [i, { bytes }] of blocks.entries()) {
    const key = bytes.join();
    places.set(key, [...(places.get(key) ?? []), i]);
  }
  return [...places.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => omitted(field, `duplicate trust anchor (indices [${indices.join(' ')}])`));
}

function anchorProblem({ type, headers, bytes }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`;
  if (headers) return 'has PEM block headers';
  try {
    return parseCertificate(bytes).isCA ? undefined : 'does not have the CA bit set';
  } catch {
    return 'does not parse as X.509';
  }
}

/** Who sets a signer's bundle vouches for it. Models plugin/pkg/admission/certificates/ctbattest. */
function review(o: ClusterTrustBundle, old: ClusterTrustBundle | undefined, { requester, view }: StageContext): void {
  const signer: string = o.spec?.signerName ?? '';
  if (!requester || signer === '' || onlyForCollection(o, old) || mayActFor(requester, 'attest', signer, view)) return;
  throw refused(
    { group: 'certificates.k8s.io', resource: 'clustertrustbundles' },
    o.metadata.name,
    `user not permitted to attest for signerName ${JSON.stringify(signer)}`,
  );
}

export const clusterTrustBundle: Strategy<ClusterTrustBundle> = {
  nameRule: 'path',
  allowUnconditionalUpdate: false,
  asksPolicy: true,
  review,
  validate: (o) => validateBundle(o),
  validateUpdate: (o, old) => [
    ...validateBundle(o, o.spec?.trustBundle !== old.spec?.trustBundle),
    ...unchanged(o.spec?.signerName, old.spec?.signerName, 'spec.signerName'),
  ],
  selectableFields: (o) => ({ 'spec.signerName': o.spec?.signerName ?? '' }),
};
