/** Namespaces. Source: k8s.io/kubernetes/pkg/registry/core/namespace. */

import { reviewNamespaceLabels } from '../../admission/pod-security.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { checked } from '../../objects/field-checks.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import type { Namespace } from '../../objects/generated/core-v1.gen.ts';
import { isQualifiedName } from '../../objects/names.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';
const FINALIZER = 'kubernetes';
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

function labelWithName(object: Namespace): void {
  if (!object.metadata?.name) return;
  object.metadata.labels = { ...object.metadata.labels, [NAME_LABEL]: object.metadata.name };
}

function finalizers(object: Namespace, field: (i: number) => string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, name] of (object.spec?.finalizers ?? []).entries()) {
    errors.push(...checked(isQualifiedName(name), field(i), name));
    if (!name.includes('/') && !STANDARD_FINALIZERS.includes(name))
      errors.push(invalid(field(i), name, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  return errors;
}

function status(object: Namespace): FieldError[] {
  const phase = object.status?.phase ?? '';
  const deleting = Boolean(object.metadata.deletionTimestamp);
  const wanted = deleting ? 'Terminating' : 'Active';
  return phase === wanted
    ? []
    : [
        invalid(
          'status.Phase',
          phase,
          `may only be '${wanted}' if \`deletionTimestamp\` is ${deleting ? 'not empty' : 'empty'}`,
        ),
      ];
}

export const namespaces: Strategy<Namespace> = {
  defaults(object) {
    object.spec ??= {} as Namespace['spec'];
    labelWithName(object);
  },
  prepareForCreate(object) {
    object.status = { phase: 'Active' };
    const list: string[] = object.spec.finalizers ?? [];
    if (!list.includes(FINALIZER)) object.spec.finalizers = [...list, FINALIZER];
    labelWithName(object);
  },
  prepareForUpdate(object, old, context) {
    if (context.subresource === 'finalize') object.status = old.status;
    else object.spec = old.spec;
    if (context.subresource === 'status') {
      object.status ??= {};
      object.status.phase ||= 'Active';
    }
  },
  validate: (object) => finalizers(object, () => 'spec.finalizers'),
  validateUpdate: (object, _old, context) =>
    context.subresource === 'finalize' ? finalizers(object, (i) => `spec.finalizers[${i}]`) : [],
  validateStatusUpdate: status,
  reads: (object, operation) => (operation === 'update' ? [{ resource: 'pods', namespace: object.metadata.name }] : []),
  review: reviewNamespaceLabels,
  nameRule: 'dns1123Label',
  hasGeneration: false,
  selectableFields: (object) => ({ 'status.phase': object.status?.phase ?? '' }),
};
