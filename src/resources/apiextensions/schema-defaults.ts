/** Defaults must be what the schema itself allows. models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go */

import { cloneJSON } from '../../objects/clone.ts';
import { sameJSON } from '../../objects/equality.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import { isJSONObject } from '../../objects/json.ts';
import { validateEmbedded } from '../custom/embedded.ts';
import { prune } from '../custom/pruning.ts';
import { asRoot, isEmbedded, itemsOf, META_MEMBERS, type Schema } from '../custom/schema.ts';
import { validateValue } from '../custom/validation.ts';

/** `field`: where the schema of the whole object is. */
export const validateDefaults = (schema: Schema, field: string): FieldError[] => validate(asRoot(schema), field, false);

function validate(schema: Schema, field: string, inMeta: boolean): FieldError[] {
  const errors = schema.default === undefined ? [] : validateDefault(schema, `${field}.default`, inMeta);
  const items = itemsOf(schema);
  if (items) errors.push(...validate(items, `${field}.items`, inMeta));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(
      ...validate(property, `${field}.properties[${name}]`, inMeta || (isEmbedded(schema) && META_MEMBERS.has(name))),
    );
  return errors;
}

function validateDefault(schema: Schema, field: string, inMeta: boolean): FieldError[] {
  const value = schema.default;
  if (value === null) return [];
  const errors: FieldError[] = [];
  if (!inMeta && hasUnknown(value, schema)) errors.push(invalid(field, value, 'must not have unknown fields'));
  const embedded = validateEmbedded(schema, value, field);
  return [...errors, ...(embedded.length > 0 ? embedded : validateValue(schema, value, field))];
}

function hasUnknown(value: unknown, schema: Schema): boolean {
  if (typeof value !== 'object' || value === null) return false;
  // A list is pruned as what is in it.
  const holder = { value: cloneJSON(value) };
  prune(
    holder,
    { type: 'object', properties: { value: isEmbedded(schema) && isJSONObject(value) ? asRoot(schema) : schema } },
    false,
  );
  return !sameJSON(holder.value, value);
}
