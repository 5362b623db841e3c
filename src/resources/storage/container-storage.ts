/** CSIDriver and CSINode. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { isSet, qualifiedName, unchanged } from '../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  immutable,
  invalid,
  negative,
  notSupported,
  required,
  tooLong,
} from '../../objects/field-error.ts';
import { sameData } from '../../objects/go-value.ts';
import { byteLength, isDNS1123Subdomain } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';

const DRIVER_NAME_MAX = 63;
const NODE_ID_MAX = 256;
const TOKEN_SECONDS_MIN = 600;
const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];

function validateDriverName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field)];
  const errors = byteLength(name) > DRIVER_NAME_MAX ? [tooLong(field, DRIVER_NAME_MAX)] : [];
  for (const words of isDNS1123Subdomain(name.toLowerCase())) errors.push(invalid(field, name, words));
  return errors;
}

function validateTokenRequests(requests: { audience?: string; expirationSeconds?: number }[]): FieldError[] {
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

function validateDriver(o: KubeObject): FieldError[] {
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

const csiDriver: Strategy = {
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

function validateNode(o: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, driver] of (o.spec?.drivers ?? []).entries()) {
    const at = `spec.drivers[${i}]`;
    const { name, nodeID = '', allocatable, topologyKeys } = driver;
    errors.push(...validateDriverName(name, `${at}.name`));
    if (nodeID === '') errors.push(required(`${at}.nodeID`));
    if (byteLength(nodeID) > NODE_ID_MAX)
      errors.push(invalid(`${at}.nodeID`, nodeID, `must be ${NODE_ID_MAX} characters or less`));
    if (isSet(allocatable?.count) && allocatable.count < 0)
      errors.push(negative(`${at}.allocatable.count`, allocatable.count));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const keys = new Set<string>();
    for (const key of topologyKeys ?? []) {
      if (key === '') errors.push(required(at));
      if (keys.has(key)) errors.push(duplicate(at, key));
      keys.add(key);
      errors.push(...qualifiedName(key, at));
    }
  }
  return errors;
}

const csiNode: Strategy = {
  statusKeepsMetadata: true,
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  defaults: (o) => {
    o.spec ??= {};
    o.spec.drivers ??= null;
    for (const driver of o.spec.drivers ?? []) driver.topologyKeys ??= null;
  },
  validate: validateNode,
  validateUpdate: (o, old) => {
    const errors = validateNode(o);
    for (const before of old.spec?.drivers ?? [])
      for (const driver of o.spec?.drivers ?? []) {
        if (driver.name !== before.name) continue;
        const [a, b] = [
          { ...driver, allocatable: undefined },
          { ...before, allocatable: undefined },
        ];
        if (!sameData(a, b)) errors.push(immutable('spec.drivers', printedDriver(driver)));
      }
    return errors;
  },
};

/** As a message prints it: the fields of the internal type, without what may change. */
const printedDriver = (d: any): object => ({
  Name: d.name ?? '',
  NodeID: d.nodeID ?? '',
  TopologyKeys: d.topologyKeys ?? null,
  Allocatable: null,
});

export const CONTAINER_STORAGE_STRATEGIES: Record<string, Strategy> = {
  'csidrivers.storage.k8s.io': csiDriver,
  'csinodes.storage.k8s.io': csiNode,
};
