/** A structural schema, as far as CEL looks at it: OpenAPI v3 with Kubernetes' extensions, as a CustomResourceDefinition has it. */
export interface CelSchema {
  type?: string;
  format?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: readonly unknown[];
  required?: readonly string[];
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  items?: CelSchema;
  properties?: Readonly<Record<string, CelSchema>>;
  additionalProperties?: CelSchema | boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: readonly string[];
}

/** The longest name of an object; a generated one has a letter less before what is added. */
const NAME_LENGTH = 253;

/** The schema of values that are added, if they have one. */
export const additionalSchema = (schema: CelSchema): CelSchema | undefined =>
  typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;

const known = new WeakMap<CelSchema, CelSchema>();

/** Of a whole resource, or one within another: with `kind`, `apiVersion` and of `metadata` the names, whatever the schema says. */
export function asResource(schema: CelSchema): CelSchema {
  const found = known.get(schema);
  if (found) return found;
  const metadata = schema.properties?.metadata?.properties;
  const capped = (field: CelSchema | undefined, length: number): CelSchema => ({
    type: 'string',
    maxLength: Math.min(length, field?.maxLength ?? length),
  });
  const names = {
    name: capped(metadata?.name, NAME_LENGTH),
    generateName: capped(metadata?.generateName, NAME_LENGTH - 1),
  };
  const text: CelSchema = { type: 'string' };
  const resource: CelSchema = isResource(schema)
    ? schema
    : {
        ...schema,
        properties: {
          ...schema.properties,
          kind: text,
          apiVersion: text,
          metadata: { type: 'object', properties: names },
        },
      };
  known.set(schema, resource);
  return resource;
}

function isResource({ properties }: CelSchema): boolean {
  const metadata = properties?.metadata;
  return (
    properties?.kind?.type === 'string' &&
    properties.apiVersion?.type === 'string' &&
    metadata?.type === 'object' &&
    metadata.properties?.name?.type === 'string' &&
    metadata.properties.generateName?.type === 'string'
  );
}
