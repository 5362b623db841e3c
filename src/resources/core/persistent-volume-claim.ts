/** PersistentVolumeClaims. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { reviewLimits } from '../../admission/limit-ranger.ts';
import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { checked, isSet, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, notSupported } from '../../objects/field-error.ts';
import type { PersistentVolumeClaim, TypedObjectReference } from '../../objects/generated/core-v1.gen.ts';
import { goEqual, prettyGoValue } from '../../objects/go-value.ts';
import { isQualifiedName } from '../../objects/names.ts';
import { compareQuantities, milliValue } from '../../objects/quantity.ts';
import { forbidden as forbiddenObject } from '../../objects/status.ts';
import { unifiedDiff } from '../../objects/unified-diff.ts';
import { basicQuantity, validateClaimSpec } from './persistent-volume-claim-validation.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

const BETA_DEFAULT_CLASS = 'storageclass.beta.kubernetes.io/is-default-class';

const CLAIMS = { group: '', resource: 'persistentvolumeclaims' };
const PVC_PROTECTION = 'kubernetes.io/pvc-protection';

const SNAPSHOTS = 'snapshot.storage.k8s.io';

/** The older field is for claims and snapshots only; anything else there has always been passed over. */
const isOldSource = ({ apiGroup, kind }: TypedObjectReference): boolean =>
  (apiGroup === '' && kind === 'PersistentVolumeClaim') || (apiGroup === SNAPSHOTS && kind === 'VolumeSnapshot');

/** The two ways to say where a claim's data comes from are kept the same. Models pkg/api/persistentvolumeclaim/util.go. */
function sameDataSources(
  spec: PersistentVolumeClaim['spec'],
  before: Partial<PersistentVolumeClaim['spec']> = {},
): void {
  // A source in another namespace is an alpha feature.
  if (spec.dataSourceRef?.namespace && !before.dataSourceRef) delete spec.dataSourceRef;
  if (spec.dataSource && !spec.dataSourceRef && !before.dataSource && !before.dataSourceRef)
    if (!isOldSource(spec.dataSource)) delete spec.dataSource;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace)
    spec.dataSource = { ...spec.dataSourceRef };
}

/** The newest of the classes marked as default. */
function defaultClass(context: StageContext): string | undefined {
  const marked = context.view.list('storageclasses.storage.k8s.io').filter((c) => {
    const annotations = c.metadata.annotations ?? {};
    return annotations[DEFAULT_CLASS] === 'true' || annotations[BETA_DEFAULT_CLASS] === 'true';
  });
  marked.sort((a, b) => {
    const [x = '', y = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
    return x === y ? (a.metadata.name < b.metadata.name ? -1 : 1) : x > y ? -1 : 1;
  });
  return marked[0]?.metadata.name;
}

function admitClaim(
  object: PersistentVolumeClaim,
  old: PersistentVolumeClaim | undefined,
  context: StageContext,
): void {
  if (old || context.subresource) return;
  const { spec, metadata } = object;
  if (!isSet(spec.storageClassName) && metadata.annotations?.[BETA_CLASS] === undefined) {
    const name = defaultClass(context);
    if (name) spec.storageClassName = name;
  }
  const list = metadata.finalizers ?? [];
  if (!list.includes(PVC_PROTECTION)) metadata.finalizers = [...list, PVC_PROTECTION];
}

const size = (claim: PersistentVolumeClaim): string => claim.spec.resources?.requests?.storage ?? '0';

function reviewClaim(
  object: PersistentVolumeClaim,
  old: PersistentVolumeClaim | undefined,
  context: StageContext,
): void {
  if (context.subresource) return;
  reviewLimits('persistentvolumeclaims', object, context);
  if (!old || compareQuantities(size(object), size(old)) <= 0) return;
  const refuse = (words: string): Error => forbiddenObject(CLAIMS, object.metadata.name, words);
  if (old.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
  const name = object.spec.storageClassName ?? object.metadata.annotations?.[BETA_CLASS];
  const found = name ? context.view.get('storageclasses.storage.k8s.io', undefined, name) : undefined;
  if (!found?.allowVolumeExpansion)
    throw refuse(
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
}

function validateClaimUpdate(object: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaimSpec(object.spec, 'spec');
  const before = { ...old.spec };
  const now = { ...object.spec };
  if (!before.volumeName) before.volumeName = now.volumeName;
  if (!isSet(before.storageClassName) && isSet(now.storageClassName)) {
    const annotated = old.metadata.annotations?.[BETA_CLASS];
    if (annotated === undefined || annotated === now.storageClassName) now.storageClassName = before.storageClassName;
  }
  const bound = object.status?.phase === 'Bound';
  if (bound && now.resources?.requests)
    now.resources = {
      ...now.resources,
      requests: { ...now.resources.requests, storage: before.resources?.requests?.storage as string },
    };
  if (bound) now.volumeAttributesClassName = before.volumeAttributesClassName;
  const type = 'core.PersistentVolumeClaimSpec';
  if (!goEqual(type, now, before))
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${unifiedDiff(prettyGoValue(type, before), prettyGoValue(type, now))}`,
      ),
    );
  const oldSize = old.spec.resources?.requests?.storage ?? '0';
  const newSize = object.spec.resources?.requests?.storage ?? '0';
  if (compareQuantities(newSize, oldSize) < 0 && compareQuantities(newSize, old.status?.capacity?.storage ?? '0') <= 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  errors.push(...unchanged(object.spec.volumeMode, old.spec.volumeMode, 'volumeMode', object.spec.volumeMode ?? null));
  return errors;
}

const RESIZE_STATES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
].sort();

/** Of what claims ask for, by its name. */
function claimResourceName(name: string, field: string): FieldError[] {
  const errors = checked(isQualifiedName(name), field, name);
  if (errors.length > 0 || name === 'storage' || (name.includes('/') && !name.includes('kubernetes.io/')))
    return errors;
  return [notSupported(field, name, ['storage'])];
}

function validateClaimStatus({ status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries<string>(status.capacity ?? {}))
    errors.push(...basicQuantity(value, `status.capacity[${name}]`));
  const states = 'status.allocatedResourceStatuses';
  for (const [name, state] of Object.entries<string>(status.allocatedResourceStatuses ?? {})) {
    errors.push(...claimResourceName(name, states));
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported(states, name, RESIZE_STATES));
  }
  const amounts = 'status.allocatedResources';
  for (const [name, value] of Object.entries<string>(status.allocatedResources ?? {})) {
    const wrong = claimResourceName(name, amounts);
    errors.push(...wrong, ...(wrong.length > 0 ? [] : basicQuantity(value, `${amounts}[${name}]`)));
  }
  return errors;
}

export const persistentvolumeclaims: Strategy<PersistentVolumeClaim> = {
  defaults(object) {
    object.spec ??= {} as PersistentVolumeClaim['spec'];
    object.spec.resources ??= {};
    object.spec.volumeMode ??= 'Filesystem';
  },
  reads: (_object, operation, namespace = '') =>
    operation !== 'delete'
      ? [{ resource: 'storageclasses.storage.k8s.io' }, { resource: 'limitranges', namespace }]
      : [],
  admit: admitClaim,
  review: reviewClaim,
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
    sameDataSources(object.spec);
  },
  prepareForUpdate(object, old, context) {
    if (context.subresource === 'status') {
      object.status ??= {};
      object.status.phase ||= 'Pending';
      delete object.status.healthStatus;
    } else sameDataSources(object.spec, old.spec);
  },
  validate: (object) => validateClaimSpec(object.spec, 'spec'),
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  hasGeneration: false,
  // Stored with an empty status, whose phase is a default.
  completedByReading: () => true,
  warnings({ spec, metadata }) {
    const texts: string[] = [];
    if (metadata.annotations?.[BETA_CLASS] !== undefined)
      texts.push(
        `metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      );
    for (const kind of ['requests', 'limits'] as const) {
      const amount = spec.resources?.[kind]?.storage;
      if (amount !== undefined && milliValue(amount) % 1000 !== 0)
        texts.push(`spec.resources.${kind}[storage]: fractional byte value "${amount}" is invalid, must be an integer`);
    }
    return texts;
  },
};
