/**
 * What must hold for any object's metadata. Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go and the finalizer check of
 * k8s.io/kubernetes/pkg/apis/core/validation.
 */
import {
  type FieldError,
  forbidden,
  immutable,
  invalid,
  negative,
  notSupported,
  required,
  tooLong,
} from '../objects/field-error.ts';
import { byteLength, checkName, isDNS1123Label, isQualifiedName, type NameRule } from '../objects/names.ts';
import type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../objects/object.ts';
import { validateLabels } from '../objects/selector-validation.ts';
import type { Kind } from './kinds.ts';

/** All annotations together, keys and values, in bytes. */
export const ANNOTATIONS_MAX_BYTES = 256 * 1024;
export const MANAGER_MAX_BYTES = 128;
export const SUBRESOURCE_MAX_BYTES = 256;

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** What is the same for a new object and for one that is changed. */
const validateContents = (meta: Partial<ObjectMeta>, path: string, finalizers: 'known' | 'any'): FieldError[] => [
  ...validateLabels(meta.labels, `${path}.labels`),
  ...validateAnnotations(meta.annotations, `${path}.annotations`),
  ...validateOwnerReferences(meta.ownerReferences, `${path}.ownerReferences`),
  ...validateFinalizers(meta.finalizers, `${path}.finalizers`),
  ...validateManagedFields(meta.managedFields, `${path}.managedFields`),
  ...(finalizers === 'known' ? validateFinalizerNames(meta.finalizers, `${path}.finalizers`) : []),
];

/** On create, after a name was generated. `path`: where the metadata is, e.g. `metadata` or `spec.template.metadata`. */
export function validateMetadata(
  object: { metadata?: ObjectMeta },
  kind: Pick<Kind, 'namespaced'>,
  nameRule: NameRule = 'dns1123Subdomain',
  path = 'metadata',
  finalizers: 'known' | 'any' = 'known',
): FieldError[] {
  const meta = object.metadata ?? ({} as Partial<ObjectMeta>);
  const errors: FieldError[] = [];
  if (meta.generateName)
    for (const words of checkName(nameRule, meta.generateName, true))
      errors.push(invalid(`${path}.generateName`, meta.generateName, words));
  if (!meta.name) errors.push(required(`${path}.name`, 'name or generateName is required'));
  else for (const words of checkName(nameRule, meta.name)) errors.push(invalid(`${path}.name`, meta.name, words));
  errors.push(...validateNamespace(meta, kind.namespaced, path));
  if ((meta.generation ?? 0) < 0) errors.push(negative(`${path}.generation`, meta.generation));
  return [...errors, ...validateContents(meta, path, finalizers)];
}

/** On update: what may not change, and what must hold of the new. */
export function validateMetadataUpdate(
  object: KubeObject,
  old: KubeObject,
  path = 'metadata',
  finalizers: 'known' | 'any' = 'known',
): FieldError[] {
  const meta = object.metadata;
  const before = old.metadata;
  const errors: FieldError[] = [];
  if (before.deletionTimestamp) {
    const had = new Set(before.finalizers);
    const added = [...new Set(meta.finalizers)].filter((f) => !had.has(f)).sort();
    if (added.length > 0)
      errors.push(
        forbidden(
          `${path}.finalizers`,
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`,
        ),
      );
  }
  const generation = meta.generation ?? 0;
  if (generation < 0) errors.push(negative(`${path}.generation`, generation));
  if (generation < (before.generation ?? 0))
    errors.push(invalid(`${path}.generation`, generation, 'must not be decremented'));
  const same = <T>(field: string, value: T, previous: T, printed: unknown = value): void => {
    if (value !== previous) errors.push(immutable(`${path}.${field}`, printed));
  };
  same('name', meta.name ?? '', before.name ?? '');
  same('namespace', meta.namespace ?? '', before.namespace ?? '');
  same('uid', meta.uid ?? '', before.uid ?? '');
  same('creationTimestamp', meta.creationTimestamp, before.creationTimestamp);
  same('deletionTimestamp', meta.deletionTimestamp, before.deletionTimestamp);
  same('deletionGracePeriodSeconds', meta.deletionGracePeriodSeconds, before.deletionGracePeriodSeconds);
  return [...errors, ...validateContents(meta, path, finalizers)];
}

function validateNamespace(meta: Partial<ObjectMeta>, namespaced: boolean, path: string): FieldError[] {
  const namespace = meta.namespace ?? '';
  const field = `${path}.namespace`;
  if (!namespaced) return namespace === '' ? [] : [forbidden(field, 'not allowed on this type')];
  if (namespace === '') return [required(field)];
  return isDNS1123Label(namespace).map((words) => invalid(field, namespace, words));
}

export function validateAnnotations(annotations: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const words of isQualifiedName(key.toLowerCase())) errors.push(invalid(path, key, words));
    size += byteLength(key) + byteLength(value);
  }
  if (size > ANNOTATIONS_MAX_BYTES) errors.push(tooLong(path, ANNOTATIONS_MAX_BYTES));
  return errors;
}

function validateOwnerReferences(owners: OwnerReference[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const [i, owner] of (owners ?? []).entries()) {
    const at = `${path}[${i}]`;
    const version = owner.apiVersion ?? '';
    if (version === '') errors.push(required(`${at}.apiVersion`, 'must not be empty'));
    else if (version.split('/').length > 2 || version.endsWith('/'))
      errors.push(invalid(`${at}.apiVersion`, version, 'must be <group>/<version> or <version>'));
    if (!owner.kind) errors.push(required(`${at}.kind`, 'must not be empty'));
    if (!owner.name) errors.push(required(`${at}.name`, 'must not be empty'));
    if (!owner.uid) errors.push(required(`${at}.uid`, 'must not be empty'));
    if (version === 'v1' && owner.kind === 'Event')
      errors.push(invalid(at, goOwner(owner), '/v1, Kind=Event is disallowed from being an owner'));
    if (!owner.controller) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === '') controller = name;
    else
      errors.push(
        invalid(
          path,
          owners?.map(goOwner),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      );
  }
  return errors;
}

/** With its fields in the order of the Go type, as messages print it. */
const goOwner = (o: OwnerReference): OwnerReference => ({
  apiVersion: o.apiVersion ?? '',
  kind: o.kind ?? '',
  name: o.name ?? '',
  uid: o.uid ?? '',
  ...(o.controller === undefined ? {} : { controller: o.controller }),
  ...(o.blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion: o.blockOwnerDeletion }),
});

function validateFinalizers(finalizers: string[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of finalizers ?? [])
    for (const words of isQualifiedName(name)) errors.push(invalid(path, name, words));
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  return errors;
}

/** Built-in kinds want a domain in a finalizer's name unless it is one of the three old ones. */
function validateFinalizerNames(finalizers: string[] | undefined, path: string): FieldError[] {
  return (finalizers ?? []).flatMap((name, i) =>
    name.includes('/') || STANDARD_FINALIZERS.includes(name)
      ? []
      : [invalid(`${path}[${i}]`, name, 'name is neither a standard finalizer name nor is it fully qualified')],
  );
}

/** The characters that errors may repeat of one manager's name, for each of them quotes all of it. */
export const MANAGER_TOLD_CHARACTERS = 64 * 1024;

/** The name of a field manager, of a request or of an entry. Of a name that is too long, not every bad character is told. */
export function validateFieldManager(manager: string | undefined, field: string): FieldError[] {
  const name = manager ?? '';
  const errors: FieldError[] = [];
  if (byteLength(name) > MANAGER_MAX_BYTES) errors.push(tooLong(field, MANAGER_MAX_BYTES));
  let position = 0;
  for (const character of name) {
    if (errors.length * name.length > MANAGER_TOLD_CHARACTERS) break;
    if (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid(field, name, `invalid character U+${code} (at position ${position})`));
    }
    position += byteLength(character);
  }
  return errors;
}

function validateManagedFields(entries: ManagedFieldsEntry[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, entry] of (entries ?? []).entries()) {
    const at = `${path}[${i}]`;
    if (!entry.operation) errors.push(required(`${at}.operation`, 'must not be empty'));
    else if (entry.operation !== 'Apply' && entry.operation !== 'Update')
      errors.push(notSupported(`${at}.operation`, entry.operation, ['Apply', 'Update']));
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1')
      errors.push(invalid(`${at}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'));
    errors.push(...validateFieldManager(entry.manager, `${at}.manager`));
    if (byteLength(entry.subresource ?? '') > SUBRESOURCE_MAX_BYTES)
      errors.push(tooLong(`${at}.subresource`, SUBRESOURCE_MAX_BYTES));
  }
  return errors;
}
