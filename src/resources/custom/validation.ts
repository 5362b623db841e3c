/**
 * Checks a value by a schema. models k8s.io/kube-openapi/pkg/validation/validate and, for updates, the ratcheting of
 * k8s.io/apiextensions-apiserver/pkg/apiserver/validation: what was wrong before and has not changed is not told of.
 */

import { sameJSON } from '../../objects/equality.ts';
import type { FieldError } from '../../objects/field-error.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { own } from '../../objects/own.ts';
import { type Correlation, correlatedItem, correlatedMember, isUnchanged } from './correlation.ts';
import { formatCheck, isKnownFormat } from './formats.ts';
import { checkNumber } from './numbers.ts';
import { patternOf } from './pattern.ts';
import {
  Findings,
  forbiddenMember,
  general,
  missing,
  notInEnum,
  tooFewItems,
  tooFewMembers,
  tooLongText,
  tooManyItems,
  tooManyMembers,
  tooShortText,
  unlikePattern,
  wrongType,
} from './problems.ts';
import { additionalOf, isIntOrString, itemsOf, type Schema } from './schema.ts';

/** `prefix`: the field that the value is at, '' for an object as a whole. `before`: what the value was, in an update. */
export function validateValue(schema: Schema, value: unknown, prefix = '', before?: Correlation): FieldError[] {
  const found = before ? ratcheted(schema, value, '', before) : check(schema, value, '', undefined);
  return found.problems.map((problem) => problem.error(prefix));
}

/** What has not changed may be as wrong as it was. */
function ratcheted(schema: Schema, value: unknown, path: string, before: Correlation): Findings {
  const found = check(schema, value, path, before);
  if (found.isValid || !isUnchanged(before, value)) return found;
  const forgiven = new Findings();
  forgiven.checks = found.checks;
  return forgiven;
}

function below(schema: Schema, value: unknown, path: string, before: Correlation | undefined): Findings {
  return before ? ratcheted(schema, value, path, before) : check(schema, value, path, undefined);
}

const typesOf = (schema: Schema): string[] =>
  isIntOrString(schema) ? ['integer', 'string'] : schema.type ? [schema.type] : [];

function check(schema: Schema, value: unknown, path: string, before: Correlation | undefined): Findings {
  const found = new Findings();
  const types = typesOf(schema);
  const format =
    schema.format && isKnownFormat(schema.format, types.length === 1 ? types[0]! : '') ? schema.format : '';
  if (value === null || value === undefined) {
    if (types.length > 0 && !schema.nullable) found.add(wrongType(path, types.join(','), 'null'));
    checkEnum(schema, null, path, found);
    return found;
  }
  if (types.length > 0 || format !== '') checkType({ types, format }, value, path, found);
  checkJunctors(schema, value, path, before, found);
  if (typeof value === 'string') {
    checkText(schema, value, path, found);
    if (format !== '' && formatCheck(format)?.(value) === false) found.add(wrongType(path, format, value));
  } else if (typeof value === 'number') checkNumber(schema, types, value, path, found);
  else if (Array.isArray(value)) checkItems(schema, value, path, before, found);
  checkEnum(schema, value, path, found);
  if (isJSONObject(value)) checkMembers(schema, value, path, before, found);
  found.checks += 4;
  return found;
}

/** A type and, for numbers, the format that the real server has them in. */
function jsonType(value: unknown): [type: string, format: string] {
  if (Array.isArray(value)) return ['array', ''];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'int64'] : ['number', 'float64'];
  return [typeof value, ''];
}

function checkType(
  { types, format }: { types: string[]; format: string },
  value: unknown,
  path: string,
  found: Findings,
): void {
  const [type, own] = jsonType(value);
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'));
  const isListOrText = typeof value === 'string' || Array.isArray(value);
  if (!isListOrText && format !== '' && !fits && own !== format) found.add(wrongType(path, format, own));
  else if (isListOrText && format !== '' && !types.includes('number') && !types.includes('integer')) found.checks++;
  else if (!fits) found.add(wrongType(path, types.join(','), type));
  else found.checks++;
}

function checkEnum(schema: Schema, value: unknown, path: string, found: Findings): void {
  const values = schema.enum;
  if (!values || values.length === 0) return;
  if (value === null || !values.some((allowed) => sameJSON(allowed, value))) found.add(notInEnum(path, value, values));
}

function checkText({ maxLength, minLength, pattern }: Schema, text: string, path: string, found: Findings): void {
  if (maxLength !== undefined && exceeds(text, maxLength)) found.add(tooLongText(path, maxLength));
  else if (minLength !== undefined && !exceeds(text, minLength - 1)) found.add(tooShortText(path, text, minLength));
  else if (pattern) {
    const compiled = patternOf(pattern);
    if ('error' in compiled)
      found.add(unlikePattern(path, text, `${pattern}, but pattern is invalid: ${compiled.error}`));
    else if (!compiled.test(text)) found.add(unlikePattern(path, text, pattern));
  }
}

/** Whether a text has more characters, as Unicode counts them. */
function exceeds(text: string, length: number): boolean {
  if (text.length <= length) return false;
  if (text.length > 2 * length + 1) return true;
  let count = 0;
  for (const _ of text) if (++count > length) return true;
  return false;
}

function checkItems(
  schema: Schema,
  list: unknown[],
  path: string,
  before: Correlation | undefined,
  found: Findings,
): void {
  const items = itemsOf(schema);
  const { minItems, maxItems } = schema;
  if (items)
    for (const [i, item] of list.entries())
      found.merge(below(items, item, `${path}[${i}]`, before && correlatedItem(before, item)));
  if (minItems !== undefined && list.length < minItems) found.add(tooFewItems(path, list.length, minItems));
  if (maxItems !== undefined && list.length > maxItems) found.add(tooManyItems(path, list.length, maxItems));
  found.checks++;
}

function checkMembers(
  schema: Schema,
  members: JSONObject,
  path: string,
  before: Correlation | undefined,
  found: Findings,
): void {
  const names = Object.keys(members);
  const { minProperties, maxProperties, properties = {} } = schema;
  if (minProperties !== undefined && names.length < minProperties)
    found.add(tooFewMembers(path, names.length, minProperties));
  if (maxProperties !== undefined && names.length > maxProperties)
    found.add(tooManyMembers(path, names.length, maxProperties));
  const additional = additionalOf(schema);
  if (additional || schema.additionalProperties === false)
    for (const name of names) {
      if (Object.hasOwn(properties, name)) continue;
      if (!additional) found.add(forbiddenMember(path, name));
      else found.merge(member(additional, members, name, `${path}.${name}`, before));
    }
  // Whichever is shorter: schemas are large, and most objects have little of what they might.
  for (const name of names) {
    const property = own(properties, name);
    if (property) found.merge(member(property, members, name, path === '' ? name : `${path}.${name}`, before));
  }
  for (const name of schema.required ?? []) if (!Object.hasOwn(members, name)) found.add(missing(`${path}.${name}`));
}

/** Of the whole object its type is not compared with what it was: both are shown in one version. */
function member(
  schema: Schema,
  members: JSONObject,
  name: string,
  path: string,
  before: Correlation | undefined,
): Findings {
  const isType = path === 'kind' || path === 'apiVersion';
  return below(schema, members[name], path, before && !isType ? correlatedMember(before, name) : undefined);
}

function checkJunctors(
  schema: Schema,
  value: unknown,
  path: string,
  before: Correlation | undefined,
  found: Findings,
): void {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema;
  const each = (schemas: Schema[]): Findings[] => schemas.map((s) => check(s, value, path, before));
  if (anyOf.length > 0) checkAnyOf(each(anyOf), path, found);
  if (oneOf.length > 0) checkOneOf(each(oneOf), path, found);
  if (allOf.length > 0) {
    const results = each(allOf);
    const valid = results.filter(({ isValid }) => isValid).length;
    for (const result of results) found.merge(result);
    if (valid < allOf.length)
      found.add(general(`"${path}" must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`));
  }
  if (not && check(not, value, path, before).isValid)
    found.add(general(`"${path}" must not validate the schema (not)`));
}

/** That of the schemas by which most was found in order. */
const best = (results: Findings[]): Findings =>
  results.reduce((chosen, result) => (result.checks > chosen.checks ? result : chosen));

function checkAnyOf(results: Findings[], path: string, found: Findings): void {
  const success = results.find(({ isValid }) => isValid);
  if (!success) found.add(general(`"${path}" must validate at least one schema (anyOf)`));
  found.merge(success ?? best(results));
}

function checkOneOf(results: Findings[], path: string, found: Findings): void {
  const successes = results.filter(({ isValid }) => isValid);
  if (successes.length === 1) {
    found.merge(successes[0]!);
    return;
  }
  const how = successes.length === 0 ? 'Found none valid' : `Found ${successes.length} valid alternatives`;
  found.add(general(`"${path}" must validate one and only one schema (oneOf). ${how}`));
  if (successes.length === 0) found.merge(best(results));
}
