/** ConfigMaps. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { checked } from '../../objects/field-checks.ts';
import { type FieldError, invalid, tooLong, WHOLE_OBJECT } from '../../objects/field-error.ts';
import type { ConfigMap } from '../../objects/generated/core-v1.gen.ts';
import { byteLength, isConfigMapKey, isPlainKey } from '../../objects/names.ts';
import { decodedLength, faultyKeys, frozen, SIZE_MAX, sizeOf } from './data-keys.ts';

function validateConfigMap(object: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  const isTwice = (key: string): boolean => object.binaryData?.[key] !== undefined;
  for (const key of faultyKeys(object.data, (key) => !isPlainKey(key) || isTwice(key))) {
    errors.push(...checked(isConfigMapKey(key), `data[${key}]`, key));
    if (isTwice(key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  for (const key of faultyKeys(object.binaryData, (key) => !isPlainKey(key)))
    errors.push(...checked(isConfigMapKey(key), `binaryData[${key}]`, key));
  const size = sizeOf<string>(object.data, byteLength) + sizeOf(object.binaryData, decodedLength);
  if (size > SIZE_MAX) errors.push(tooLong(WHOLE_OBJECT, SIZE_MAX));
  return errors;
}

export const configmaps: Strategy<ConfigMap> = {
  validate: validateConfigMap,
  validateUpdate: (object, old) => [...frozen(object, old, ['data', 'binaryData']), ...validateConfigMap(object)],
};
