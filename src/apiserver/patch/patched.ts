/** The object that a patch makes of what there is. */
import { fromStored, toStored } from '../../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import type { Schemas } from '../../catalog/schema.ts';
import { append } from '../../objects/append.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { invalid as invalidValue } from '../../objects/field-error.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { invalid, type StatusError } from '../../objects/status.ts';
import { checkConversion, type FieldValidation, structOf, typeMeta } from '../codec/body.ts';
import type { Decoded } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { decodeCustomPatched, isCustom } from '../custom/decode.ts';
import type { Patch } from './read-patch.ts';

/** The object that a patch makes, as its Go type would hold it. Throws 422, which quotes it. */
export function decodeChange(
  patch: Patch,
  current: KubeObject,
  expected: Pick<Kind, 'group' | 'version' | 'kind' | 'struct'> | Kind,
  schemas: Schemas,
  validation: FieldValidation,
  warnings: string[],
): KubeObject {
  const value = patch.apply(versionInPlace(current));
  if ('custom' in expected && isCustom(expected)) {
    const { strict } = patch;
    const decoded = decodeCustomPatched(cloneJSON(value), expected, {
      validation,
      strict,
      print: () => patch.print(value),
    });
    append(warnings, decoded.warnings);
    return decoded.object;
  }
  return decodePatched(value, expected, schemas, validation, warnings, patch);
}

/** With its version where Go's type has it, for refusals that quote the object. */
function versionInPlace(object: KubeObject): KubeObject {
  const { name, generateName, namespace, uid, resourceVersion, ...rest } = object.metadata;
  const first = { name, generateName, namespace, uid, resourceVersion };
  for (const [key, value] of Object.entries(first)) if (value === undefined) delete (first as JSONObject)[key];
  return { ...object, metadata: { ...first, ...rest } as KubeObject['metadata'] };
}

/** A patched object as its Go type would hold it. Throws 422, which quotes it. */
function decodePatched(
  value: unknown,
  expected: Pick<Kind, 'group' | 'version' | 'kind' | 'struct'>,
  schemas: Schemas,
  validation: FieldValidation,
  warnings: string[],
  patch: Pick<Patch, 'decode' | 'print' | 'strict' | 'saysKind'>,
): KubeObject {
  const apiVersion = apiVersionOf(expected);
  const { struct } = expected;
  if (!struct) return { ...(value as KubeObject), apiVersion, kind: expected.kind };
  const refused = (words: string): StatusError =>
    invalid('', '', '', [invalidValue('patch', patch.print(value), words)]);
  try {
    const { value: object, strict: decoded } = patch.saysKind
      ? decodeAsSaid(value, expected, schemas, patch)
      : patch.decode(struct, value);
    const strict = [...patch.strict, ...decoded];
    if (strict.length && validation === 'Strict') throw refused(`strict decoding error: ${strict.join(', ')}`);
    if (validation === 'Warn') append(warnings, strict);
    object.apiVersion = apiVersion;
    object.kind = expected.kind;
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw refused(error.message);
    throw error;
  }
}

/**
 * The whole object as a body, whose kind counts: what is of another kind can't be converted, another version of the same one can, and
 * what says no version is read as the type that the server keeps within, which has none of the fields' names. Throws `DecodeError`.
 */
function decodeAsSaid(
  value: unknown,
  expected: Pick<Kind, 'group' | 'version' | 'kind'>,
  schemas: Schemas,
  patch: Pick<Patch, 'decode'>,
): Decoded {
  const said = typeMeta(value);
  const kind = said.kind || expected.kind;
  if (said.version === '' && said.group === '') {
    if (!schemas.nameOf(expected.group, expected.version, kind))
      throw new DecodeError(
        `no kind ${JSON.stringify(kind)} is registered for the internal version of group ${JSON.stringify(expected.group)} in scheme "pkg/runtime/scheme.go:111"`,
      );
    checkConversion({ ...expected, kind }, expected, `${expected.group.split('.')[0] || 'core'}.${kind}`);
    const unknown = Object.keys(value ?? {}).filter((key) => key !== 'kind' && key !== 'apiVersion');
    return {
      value: { metadata: {} } as KubeObject,
      strict: unknown.map((key) => `unknown field ${JSON.stringify(key)}`),
    };
  }
  const struct = structOf({ ...said, kind }, schemas);
  const decoded = patch.decode(struct, value);
  checkConversion({ ...said, kind }, expected, struct.go);
  const object = { ...decoded.value, apiVersion: apiVersionOf(said), kind };
  return { ...decoded, value: fromStored(toStored(object), apiVersionOf(expected)) };
}
