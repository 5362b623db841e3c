/**
 * The pure part of a write: from what was asked and what is there to what is to be stored. The request path and the pump both run it.
 * Source: k8s.io/apiserver/pkg/registry/rest (create.go, update.go) and endpoints/handlers.
 */

import { chargedQuotas } from '../../admission/resource-quota.ts';
import { dropDisabledFields } from '../../catalog/disabled-fields.ts';
import type { Kind } from '../../catalog/kinds.ts';
import { validateMetadata, validateMetadataUpdate } from '../../catalog/metadata.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { append } from '../../objects/append.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { sameObject, sameValue } from '../../objects/equality.ts';
import { type FieldError, invalid as invalidField, validated } from '../../objects/field-error.ts';
import { isLongerThan } from '../../objects/json-length.ts';
import type { KubeObject } from '../../objects/object.ts';
import { invalid } from '../../objects/status.ts';
import { builtIn } from '../../resources/built-in.ts';
import { MAX_DECODED_CHARACTERS, tooLargeObject } from '../codec/decoded-size.ts';
import type { AdmissionRequest } from '../dynamic-admission/admission-request.ts';
import type { Author } from './author.ts';
import type { DecisionContext } from './decision.ts';
import { boundCreation, boundUpdate, hasStatus, keepSystemFields } from './own-part.ts';
import { dropSameOwners } from './owners.ts';
import { trackUpdate } from './ownership.ts';
import { matchNamespace } from './places.ts';

const RANDOM_SUFFIX = 5;
export const GENERATED_NAME_MAX = 63 - RANDOM_SUFFIX;

/** Completes `object` in place into what a create stores. Throws `StatusError`. */
export function prepareCreate(kind: Kind, object: KubeObject, author: Author, context: DecisionContext): KubeObject {
  const strategy = kind.strategy;
  strategy.defaults?.(object);
  boundCreation(kind, object, context);
  trackUpdate(kind, undefined, object, author, context);
  dropDisabledFields(kind, object);
  strategy.admit?.(object, undefined, context);
  const request = admissionOf(kind, 'CREATE', object, undefined, author, context);
  let isTrusted = author.trusted ?? false;
  if (request) {
    if (mutate(request, object, context, () => strategy.admit?.(object, undefined, context))) isTrusted = false;
    boundCreation(kind, object, context);
    dropDisabledFields(kind, object);
  }
  if (!isTrusted) dropSameOwners(object, context, 'admitted');
  fillMetadata(kind, object, strategy, context);
  strategy.prepareForCreate?.(object, context);
  if (!isTrusted) {
    validate(kind, strategy, object, () => validateCreate(kind, strategy, object, context));
    warn(strategy, object, undefined, context);
  }
  strategy.review?.(object, undefined, context);
  if (request) context.dynamicAdmission?.validate({ ...request, name: request.name || object.metadata.name });
  chargeQuotas(kind, object, undefined, context);
  return object;
}

function validateCreate(kind: Kind, strategy: Strategy, object: KubeObject, context: DecisionContext): FieldError[] {
  if (isOfOtherKind(kind, object)) return [otherKind(kind, object)];
  const errors: FieldError[] = [];
  const finalizers = strategy.metadataRules ? 'any' : 'known';
  if (strategy.metadataRules !== 'own')
    append(errors, validateMetadata(object, kind, strategy.nameRule, 'metadata', finalizers));
  append(errors, strategy.validate?.(object, context) ?? []);
  if (strategy.metadataRules === 'own' && errors.length === 0)
    append(errors, validateMetadata(object, kind, 'path', 'metadata', finalizers));
  return errors;
}

/** What has no Go type is read whatever kind it says it is of. */
const isOfOtherKind = ({ custom, kind }: Kind, object: KubeObject): boolean =>
  custom !== undefined && object.kind !== kind;

const otherKind = ({ kind }: Kind, object: KubeObject): FieldError =>
  invalidField('kind', object.kind, `must be ${kind}`);

function warn(strategy: Strategy, object: KubeObject, old: KubeObject | undefined, context: DecisionContext): void {
  if (context.warn) for (const text of strategy.warnings?.(object, old) ?? []) context.warn(text);
}

/** What policies and webhooks are asked about; undefined where there are none, or they have been asked. */
function admissionOf(
  kind: Kind,
  operation: AdmissionRequest['operation'],
  object: KubeObject | undefined,
  old: KubeObject | undefined,
  author: Author,
  context: DecisionContext,
): AdmissionRequest | undefined {
  const { namespace, subresource, dynamicAdmission } = context;
  if (!dynamicAdmission || author.isAdmitted) return undefined;
  // Of a collection that is deleted, nobody is told a name.
  const name = operation === 'DELETE' ? (context.name ?? '') : (object?.metadata.name ?? '');
  return { kind, operation, namespace, name, subresource: author.subresource ?? subresource, object, old };
}

/**
 * Has policies and webhooks change an object in place; answers whether they have. What they made is nobody's whom validation may trust.
 * It stays where it is, and has a new name only while it is made. Throws `StatusError`.
 */
function mutate(request: AdmissionRequest, object: KubeObject, context: DecisionContext, builtIn: () => void): boolean {
  const { name } = object.metadata;
  // What is new is stored under the name that it has in the end, unless the request names it.
  const isNamed = request.operation === 'UPDATE' || context.name !== undefined;
  const before = cloneJSON(object);
  context.dynamicAdmission?.mutate(request, builtIn);
  object.metadata ??= {} as KubeObject['metadata'];
  matchNamespace(object, context.namespace);
  if (isNamed && name && object.metadata.name !== name)
    throw invalid(request.kind.group, request.kind.kind, name, [
      invalidField('metadata.name', object.metadata.name ?? '', 'field is immutable'),
    ]);
  return !sameValue(before, object);
}

/** What a deletion of `old` must pass first. Throws `StatusError`. */
export function admitDeletion(kind: Kind, old: KubeObject, author: Author, context: DecisionContext): void {
  const request = admissionOf(kind, 'DELETE', undefined, old, author, context);
  if (!request) return;
  context.dynamicAdmission?.mutate(request, () => undefined);
  context.dynamicAdmission?.validate(request);
}

function fillMetadata(kind: Kind, object: KubeObject, strategy: Strategy, context: DecisionContext): void {
  const metadata = object.metadata;
  delete metadata.resourceVersion;
  if (!metadata.name && metadata.generateName)
    metadata.name = metadata.generateName.slice(0, GENERATED_NAME_MAX) + context.random.suffix(RANDOM_SUFFIX);
  // Stages and rules that build on the name meet an empty one before it is refused.
  metadata.name ??= '';
  metadata.uid = context.random.uid();
  metadata.creationTimestamp = context.now;
  if (countsGeneration(kind, strategy)) metadata.generation = 1;
}

const countsGeneration = (kind: Kind, strategy: Strategy): boolean => strategy.hasGeneration ?? hasStatus(kind);

/**
 * Completes `object` in place into what an update stores. `object` must not share parts that a stage may change with `old`.
 * Returns undefined when nothing would change.
 */
export function prepareUpdate(
  kind: Kind,
  object: KubeObject,
  old: KubeObject,
  author: Author,
  context: DecisionContext,
): KubeObject | undefined {
  const strategy = kind.strategy;
  boundUpdate(kind, object, old, context);
  strategy.defaults?.(object);
  keepSystemFields(object, old, author);
  trackUpdate(kind, old, object, author, context);
  dropDisabledFields(kind, object);
  strategy.admit?.(object, old, context);
  const request = admissionOf(kind, 'UPDATE', object, old, author, context);
  let isTrusted = author.trusted ?? false;
  if (request) {
    if (mutate(request, object, context, () => strategy.admit?.(object, old, context))) isTrusted = false;
    boundUpdate(kind, object, old, context);
    keepSystemFields(object, old, author);
    dropDisabledFields(kind, object);
  }
  if (!isTrusted) dropSameOwners(object, context, 'admitted');
  strategy.prepareForUpdate?.(object, old, context);
  if (
    countsGeneration(kind, strategy) &&
    !context.subresource &&
    object.metadata.generation === old.metadata.generation &&
    !sameValue(object.spec, old.spec)
  )
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  if (!isTrusted) {
    validate(kind, strategy, object, () => validateUpdate(kind, object, old, context));
    warn(strategy, object, old, context);
  }
  strategy.review?.(object, old, context);
  if (request) context.dynamicAdmission?.validate(request);
  if (context.untouched && strategy.completedByReading?.(old)) return object;
  if (sameObject(object, old)) return undefined;
  chargeQuotas(kind, object, old, context);
  return object;
}

const QUOTAS = builtIn('resourcequotas');
const QUOTA_AUTHOR: Author = { manager: 'kube-apiserver', trusted: true, isAdmitted: true };

/** Has the namespace's quotas charged for the write. Throws 403 when one has no room for it. */
function chargeQuotas(kind: Kind, object: KubeObject, old: KubeObject | undefined, context: DecisionContext): void {
  for (const { quota, used } of chargedQuotas(kind, object, old, context)) {
    const charged = { ...quota, metadata: { ...quota.metadata }, status: { ...quota.status, used } };
    const asStatus = { ...context, subresource: 'status' };
    const prepared = prepareUpdate(QUOTAS, charged, quota, QUOTA_AUTHOR, asStatus);
    if (prepared) context.charge?.(prepared);
  }
}

function validateUpdate(kind: Kind, object: KubeObject, old: KubeObject, context: DecisionContext): FieldError[] {
  if (isOfOtherKind(kind, object)) return [otherKind(kind, object)];
  const { strategy } = kind;
  const errors = validateMetadataUpdate(object, old, 'metadata', strategy.metadataRules ? 'any' : 'known');
  if (context.subresource === 'status') {
    if (strategy.validateStatusUpdate) append(errors, strategy.validateStatusUpdate(object, old, context));
  } else if (strategy.validateUpdate) append(errors, strategy.validateUpdate(object, old, context));
  else if (strategy.validate) append(errors, strategy.validate(object, context));
  return errors;
}

/** Defaults make much of little: what has become longer than any body and any stored object together is not looked at further. */
function refuseGrown(object: KubeObject): void {
  if (isLongerThan(object, MAX_DECODED_CHARACTERS)) throw tooLargeObject();
}

/** Refuses what the defaults made too large before a look at the rest of it. Throws `StatusError`. */
function validate(kind: Kind, strategy: Strategy, object: KubeObject, errorsOf: () => FieldError[]): void {
  if (strategy.defaults) refuseGrown(object);
  const errors = validated(errorsOf);
  if (errors.length === 0) return;
  // Events of both groups are one type, which is called by its first.
  const called = kind.custom ? object.kind : kind.kind;
  throw invalid(kind.equivalents[0]!.group, called, object.metadata.name ?? '', errors);
}

/** What an update or patch of an object that is being deleted leads to: without finalizers and grace, its end. */
export function endsWithUpdate(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds) return false;
  if (object.apiVersion === 'v1' && object.kind === 'Namespace' && object.spec?.finalizers?.length > 0) return false;
  return !finalizers?.length;
}
