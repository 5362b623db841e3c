/** What one mutation makes of an object. Models k8s.io/apiserver's plugin/policy/mutating/patch. */
import type { Catalog } from '../../../catalog/catalog.ts';
import { apiVersionOf, type Kind } from '../../../catalog/kinds.ts';
import { resultJSON } from '../../../cel/json-result.ts';
import { MadeObject, misnamedObjects } from '../../../cel/mutation-types.ts';
import { CelList, type Value } from '../../../cel/value.ts';
import { cloneJSON } from '../../../objects/clone.ts';
import type { JSONObject } from '../../../objects/json.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { StatusError } from '../../../objects/status.ts';
import type { CompiledPolicy } from '../../../resources/admissionregistration/compiled-policy.ts';
import { type ObjectType, typeOf } from '../../apply/object-type.ts';
import { structOf } from '../../codec/body.ts';
import { DecodeError } from '../../codec/decode-error.ts';
import { applyJSONPatch, JSONPatchRefused } from '../../patch/json-patch.ts';
import type { Evaluation } from '../evaluation.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { MutationError } from './mutation-error.ts';
import { readPatched } from './patched-object.ts';

export { MutationError } from './mutation-error.ts';

/** What is changed: a kind's object, or what goes through one of its subresources. */
export interface Target {
  group: string;
  version: string;
  kind: string;
  type: ObjectType;
  /** Fills in what is left open, in place. */
  defaults(object: KubeObject): void;
}

/** @throws StatusError 503 for what has no schema */
export function typeOfObject(of: Kind | { group: string; version: string; kind: string }, catalog: Catalog): Target {
  const { group, version, kind } = of;
  const isKind = 'strategy' in of;
  const struct = isKind ? of.struct : structOfType(of, catalog);
  const type = typeOf({ struct, version, custom: isKind ? of.custom : undefined });
  if (!type)
    throw new StatusError(
      503,
      'ServiceUnavailable',
      `Resource kind ${group}/${version}, Kind=${kind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`,
    );
  return { group, version, kind, type, defaults: (object) => isKind && of.strategy.defaults?.(object) };
}

function structOfType(of: { group: string; version: string; kind: string }, { schemas }: Catalog) {
  try {
    return structOf(of, schemas);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** The object with the mutation; the same one where there is nothing to be done. @throws MutationError, PolicyBudgetExceeded, StatusError */
export function applyMutation(
  { patchType, expression }: CompiledPolicy['mutations'][number],
  evaluation: Evaluation,
  object: KubeObject,
  target: Target,
): KubeObject {
  if (expression.error) throw new MutationError(expression.error.detail);
  const { value, error } = evaluation.of(expression);
  if (error !== undefined) throw new MutationError(error);
  const changed = patchType === 'JSONPatch' ? patched(value!, object, target) : applied(value!, object, target);
  if (changed === object) return object;
  changed.apiVersion = apiVersionOf(target);
  changed.kind = target.kind;
  target.defaults(changed);
  return changed;
}

function checkNames(value: Value): void {
  const misnamed = misnamedObjects(value);
  if (misnamed.length > 0) throw new MutationError(`type mismatch: ${misnamed.join('\n')}`);
}

function applied(value: Value, object: KubeObject, target: Target): KubeObject {
  if (!(value instanceof MadeObject))
    throw new MutationError('unsupported return type from ApplyConfiguration expression');
  checkNames(value);
  const { apiVersion, kind } = object;
  return applyConfiguration(target.type, object, { ...(resultJSON(value) as JSONObject), apiVersion, kind });
}

/** A test that fails means that the object is to stay as it is. */
function patched(value: Value, object: KubeObject, target: Target): KubeObject {
  const operations = operationsOf(value);
  try {
    return readPatched(applyJSONPatch(cloneJSON(object), operations), target);
  } catch (error) {
    if (!(error instanceof JSONPatchRefused)) throw error;
    if (error.isFailedTest) return object;
    throw new MutationError(`JSON Patch: ${error.problem}`);
  }
}

function operationsOf(value: Value): JSONObject[] {
  if (!(value instanceof CelList))
    throw new MutationError('type mismatch: JSONPatchType.expression should evaluate to array');
  return Array.from({ length: value.size }, (_, i) => operationOf(value.get(i)));
}

function operationOf(made: Value): JSONObject {
  if (!(made instanceof MadeObject))
    throw new MutationError('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  const { fields } = made;
  const text = (field: string): unknown => fields.get(field) ?? '';
  const from = text('from');
  const value = fields.get('value');
  if (value instanceof MadeObject) checkNames(value);
  return {
    op: text('op'),
    path: text('path'),
    ...(from === '' ? {} : { from }),
    ...(value === undefined ? {} : { value: resultJSON(value) }),
  };
}
