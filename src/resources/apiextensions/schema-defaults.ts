/** Defaults must be what the schema itself allows. models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go */

import { cloneJSON } from '../../objects/clone.ts';
import { sameJSON } from '../../objects/equality.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import { isJSONObject } from '../../objects/json.ts';
import { validateEmbedded } from '../custom/embedded.ts';
import { prune } from '../custom/pruning.ts';
import { RULES_COST_BUDGET, validateRules } from '../custom/rule-validation.ts';
import { rulesOf } from '../custom/rules.ts';
import { asRoot, isEmbedded, itemsOf, META_MEMBERS, type Schema } from '../custom/schema.ts';
import { validateValue } from '../custom/validation.ts';

/** `field`: where the schema of the whole object is. */
export const validateDefaults = (schema: Schema, field: string): FieldError[] =>
  validate(asRoot(schema), field, { inMeta: false, budget: { left: RULES_COST_BUDGET } });

interface Place {
  inMeta: boolean;
  /** What the rules about all defaults may cost together. */
  budget: { left: number };
}

function validate(schema: Schema, field: string, place: Place): FieldError[] {
  if (place.budget.left < 0) return [];
  const errors = schema.default === undefined ? [] : validateDefault(schema, `${field}.default`, place);
  const items = itemsOf(schema);
  if (items) errors.push(...validate(items, `${field}.items`, place));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(
      ...validate(property, `${field}.properties[${name}]`, {
        ...place,
        inMeta: place.inMeta || (isEmbedded(schema) && META_MEMBERS.has(name)),
      }),
    );
  return errors;
}

function validateDefault(schema: Schema, field: string, { inMeta, budget }: Place): FieldError[] {
  const value = schema.default;
  if (value === null) return [];
  const errors: FieldError[] = [];
  if (!inMeta && hasUnknown(value, schema)) errors.push(invalid(field, value, 'must not have unknown fields'));
  const embedded = validateEmbedded(schema, value, field);
  const wrong = embedded.length > 0 ? embedded : validateValue(schema, value, field);
  return [...errors, ...(wrong.length > 0 ? wrong : validateByRules(schema, field, budget))];
}

/** A default must hold as what comes anew, and as what stays. */
function validateByRules(schema: Schema, field: string, budget: Place['budget']): FieldError[] {
  const node = rulesOf(schema, isEmbedded(schema));
  if (!node) return [];
  const value = schema.default;
  const staying = { left: budget.left };
  const coming = { left: budget.left };
  const errors = validateRules(node, value, field, { old: value, budget: staying });
  if (errors.length === 0) errors.push(...validateRules(node, value, field, { budget: coming }));
  budget.left = Math.min(staying.left, coming.left);
  return errors;
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
