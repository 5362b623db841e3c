/** CSIDrivers. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { isSet, unchanged } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, invalid, notSupported } from '../../objects/field-error.ts';
import type { CSIDriver, TokenRequest } from '../../objects/generated/storage-v1.gen.ts';

export const TOKEN_SECONDS_MIN = 600;
const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];

function validateTokenRequests(requests: TokenRequest[]): FieldError[] {
  const errors: FieldError[] = [];
  const audiences = new Set<string>();
  for (const [i, { audience = '', expirationSeconds }] of requests.entries()) {
    const at = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) {
      errors.push(duplicate(`${at}.audience`, audience));
      continue;
    }
    audiences.add(audience);
    if (!isSet(expirationSeconds)) continue;
    const seconds = expirationSeconds ?? 0;
    if (seconds < TOKEN_SECONDS_MIN)
      errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds > 2 ** 32)
      errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  return errors;
}

function validateDriver(o: CSIDriver): FieldError[] {
  const spec = o.spec ?? {};
  const errors: FieldError[] = [];
  if (isSet(spec.fsGroupPolicy) && !FS_GROUP_POLICIES.includes(spec.fsGroupPolicy))
    errors.push(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, FS_GROUP_POLICIES));
  errors.push(...validateTokenRequests(spec.tokenRequests ?? []));
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (!LIFECYCLE_MODES.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (isSet(period) && period < 10)
    errors.push(
      invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'),
    );
  if (isSet(spec.serviceAccountTokenInSecrets) && !spec.tokenRequests?.length)
    errors.push(
      invalid(
        'spec.serviceAccountTokenInSecrets',
        spec.serviceAccountTokenInSecrets,
        'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
      ),
    );
  return errors;
}

const TOKEN_WARNING =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

export const csiDriver: Strategy<CSIDriver> = {
  allowUnconditionalUpdate: false,
  defaults: (o) => {
    const spec = o.spec ?? {};
    o.spec = spec;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    spec.preventPodSchedulingIfMissing ??= false;
  },
  prepareForUpdate: (o, old) => {
    if (!sameData(o.spec, old.spec)) o.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: validateDriver,
  validateUpdate: (o, old) => [
    ...validateDriver(o),
    ...unchanged(o.spec?.attachRequired, old.spec?.attachRequired, 'spec.attachedRequired'),
    ...unchanged(o.spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
  ],
  warnings: (o, old) =>
    o.spec?.tokenRequests?.length &&
    !isSet(o.spec.serviceAccountTokenInSecrets) &&
    !(old && sameData(o.spec.tokenRequests, old.spec?.tokenRequests))
      ? [TOKEN_WARNING]
      : [],
};
