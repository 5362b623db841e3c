/** What a projected volume may hold of trust bundles and pod certificates. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { isSet, localNonReservedPath, requiredText, userID } from '../../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../../objects/field-error.ts';
import type { ClusterTrustBundleProjection, PodCertificateProjection } from '../../../objects/generated/core-v1.gen.ts';
import { goValue } from '../../../objects/go-value.ts';
import { validateLabelSelector } from '../../../objects/selector-validation.ts';
import { trustBundleNameProblems } from '../../certificates/cluster-trust-bundle.ts';
import { longestLife, MIN_EXPIRATION_SECONDS } from '../../certificates/pod-certificate-request.ts';
import { validateSignerName, validateUserAnnotations } from '../../certificates/signer-name.ts';

export const CONFLICT = 'conflicting duplicate paths';

/** The signer in a bundle's name, such as `example.com:signer:rest`; '' when there is none. */
function signerOfBundle(name: string): string {
  const last = name.lastIndexOf(':');
  return last < 0 ? '' : name.slice(0, last).replaceAll(':', '/');
}

const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];

export function podCertificate(
  source: PodCertificateProjection,
  field: string,
  path: string,
  taken: Set<string>,
): FieldError[] {
  const { signerName = '', keyType = '', maxExpirationSeconds: seconds } = source;
  const errors = [
    ...validateSignerName(signerName, `${path}.signerName`),
    ...validateUserAnnotations(source.userAnnotations, `${path}.userAnnotations`),
    ...userID(source.user, `${path}.user`),
  ];
  if (!KEY_TYPES.includes(keyType)) errors.push(notSupported(`${path}.keyType`, keyType, KEY_TYPES));
  const bound = (words: string, limit: number): FieldError =>
    invalid(`${path}.maxExpirationSeconds`, seconds, `if provided, maxExpirationSeconds must be ${words} ${limit}`);
  if (isSet(seconds) && seconds < MIN_EXPIRATION_SECONDS) errors.push(bound('>=', MIN_EXPIRATION_SECONDS));
  if (isSet(seconds) && seconds > longestLife(signerName)) errors.push(bound('<=', longestLife(signerName)));
  const paths = (['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const).filter((key) => source[key]);
  for (const key of paths) {
    errors.push(...localNonReservedPath(source[key]!, `${path}.${key}`));
    if (taken.has(source[key]!)) errors.push(invalid(field, source[key], CONFLICT));
    taken.add(source[key]!);
  }
  if (paths.length === 0)
    errors.push(required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'));
  return errors;
}

export function trustBundle(
  bundle: ClusterTrustBundleProjection,
  field: string,
  path: string,
  taken: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const named = isSet(bundle.name);
  const signed = isSet(bundle.signerName);
  if (named && signed)
    errors.push(
      invalid(
        path,
        goValue('core.ClusterTrustBundleProjection', bundle),
        'only one of name and signerName may be used',
      ),
    );
  else if (named) {
    if (!bundle.name) errors.push(required(`${path}.name`, 'must be a valid object name'));
    for (const words of trustBundleNameProblems(bundle.name!, signerOfBundle(bundle.name!)))
      errors.push(invalid(`${path}.name`, bundle.name, `not a valid clustertrustbundlename: ${words}`));
    if (bundle.labelSelector)
      errors.push(
        invalid(`${path}.labelSelector`, bundle.labelSelector, 'labelSelector must be unset if name is specified'),
      );
  } else if (signed) {
    if (!bundle.signerName) errors.push(required(`${path}.signerName`, 'must be a valid signer name'));
    errors.push(...validateSignerName(bundle.signerName!, `${path}.signerName`));
    if (bundle.labelSelector) errors.push(...validateLabelSelector(bundle.labelSelector, `${path}.labelSelector`));
  } else errors.push(required(path, 'either name or signerName must be specified'));
  errors.push(...requiredText(bundle.path, `${path}.path`), ...userID(bundle.user, `${path}.user`));
  errors.push(...localNonReservedPath(bundle.path ?? '', `${path}.path`));
  if (taken.has(bundle.path ?? '')) errors.push(invalid(field, bundle.path ?? '', CONFLICT));
  taken.add(bundle.path ?? '');
  return errors;
}
