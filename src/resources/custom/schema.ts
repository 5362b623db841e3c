/** A custom resource's schema as its definition has it: the structural schema that all that is done with an object follows. */
import type { JSONSchemaProps } from '../../objects/generated/apiextensions-v1.gen.ts';
import { isJSONObject } from '../../objects/json.ts';
import { own } from '../../objects/own.ts';

export type Schema = JSONSchemaProps;

const isSchema = (value: unknown): value is Schema => isJSONObject(value);

/** What stands for every member that has no schema of its own; undefined: nothing says anything of them. */
export function additionalOf(schema: Schema): Schema | undefined {
  const { additionalProperties } = schema;
  return isSchema(additionalProperties) ? additionalProperties : undefined;
}

/** Whether members without a schema of their own are allowed by `additionalProperties`, with a schema or without one. */
export const allowsAdditional = ({ additionalProperties }: Schema): boolean =>
  additionalProperties !== undefined && additionalProperties !== false;

export const itemsOf = ({ items }: Schema): Schema | undefined =>
  isSchema(items) && !Array.isArray(items) ? items : undefined;

export const propertyOf = ({ properties }: Schema, name: string): Schema | undefined =>
  properties ? own(properties, name) : undefined;

/** Of a member: its own schema, or that of all others. */
export const memberSchema = (schema: Schema, name: string): Schema | undefined =>
  propertyOf(schema, name) ?? additionalOf(schema);

export const preservesUnknown = (schema: Schema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;

export const isEmbedded = (schema: Schema): boolean => schema['x-kubernetes-embedded-resource'] === true;

export const isIntOrString = (schema: Schema): boolean => schema['x-kubernetes-int-or-string'] === true;

/** Members that every object has, and that no schema need tell of. */
export const META_MEMBERS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The schema of an object as a whole, whose `metadata` is that of every object. */
export function asRoot(schema: Schema | undefined): Schema {
  if (schema && isEmbedded(schema)) return schema;
  return { ...schema, 'x-kubernetes-embedded-resource': true };
}
