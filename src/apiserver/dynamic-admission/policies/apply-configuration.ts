/**
 * An object that an expression has made, laid over the one that is written: as server-side apply does, but nobody comes to own anything.
 * Models ApplyStructuredMergeDiff in k8s.io/apiserver's plugin/policy/mutating/patch/smd.go.
 */
import { isJSONObject, type JSONObject } from '../../../objects/json.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { merge } from '../../apply/merge.ts';
import type { ObjectType } from '../../apply/object-type.ts';
import { childShape, type Shape } from '../../apply/shape.ts';
import { DecodeError } from '../../codec/decode-error.ts';
import { MutationError } from './mutation-error.ts';

/** The object with `patch` over it, its own copy. @throws MutationError */
export function applyConfiguration(type: ObjectType, object: KubeObject, patch: JSONObject): KubeObject {
  const refused = (problem: string): MutationError => new MutationError(`error applying patch: ${problem}`);
  const errors = type.check(patch);
  if (errors.length > 0)
    throw refused(
      `failed to convert patch object to typed object: ${errors.length === 1 ? errors[0] : listed(errors)}`,
    );
  const atomic = atomicsIn(type.shape, patch, '');
  if (atomic.length > 0)
    throw refused(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`);
  try {
    return type.convert(merge(type.shape, object, patch));
  } catch (error) {
    if (error instanceof DecodeError) throw refused(`failed to convert typed object to object: ${error.message}`);
    throw error;
  }
}

const listed = (errors: readonly string[]): string => `errors:\n${errors.map((e) => `  ${e}`).join('\n')}`;

/** What is owned as a whole, so that to set a part of it would take the rest away: their paths. */
function atomicsIn(shape: Shape, value: unknown, path: string): string[] {
  const isMap = isJSONObject(value);
  const isList = Array.isArray(value);
  if (!isMap && !isList) return [];
  if (shape.kind === 'leaf') return [path];
  if (isMap && shape.kind === 'struct')
    return Object.entries(value).flatMap(([key, below]) => atomicsIn(childShape(shape, key), below, `${path}.${key}`));
  if (isList && shape.kind === 'list')
    return value.flatMap((item, i) => atomicsIn(shape.element, item, `${path}[${i}]`));
  return [];
}
