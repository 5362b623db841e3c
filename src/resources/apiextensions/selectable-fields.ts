/** The fields of custom resources that a field selector may name. */
import { duplicate, type FieldError, invalid, required, tooMany } from '../../objects/field-error.ts';
import type { SelectableField } from '../../objects/generated/apiextensions-v1.gen.ts';
import { followFieldPath } from '../custom/field-path.ts';
import type { Schema } from '../custom/schema.ts';

export const MAX_SELECTABLE_FIELDS = 8;

const TYPES = ['string', 'boolean', 'integer'];

export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: Schema,
  field: string,
): FieldError[] {
  const seen = new Set<string>();
  const errors = fields.flatMap(({ jsonPath = '' }, i) => {
    const at = `${field}[${i}].jsonPath`;
    if (jsonPath === '') return [required(at)];
    const followed = followFieldPath(jsonPath, schema, { brackets: false });
    if ('problem' in followed) return [invalid(at, jsonPath, `is an invalid path: ${followed.problem}`)];
    const wrong: FieldError[] = [];
    if (followed.root === 'metadata') wrong.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!TYPES.includes(followed.schema.type ?? ''))
      wrong.push(
        invalid(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(followed.path)) wrong.push(duplicate(at, jsonPath));
    seen.add(followed.path);
    return wrong;
  });
  return seen.size > MAX_SELECTABLE_FIELDS ? [...errors, tooMany(field, seen.size, MAX_SELECTABLE_FIELDS)] : errors;
}
