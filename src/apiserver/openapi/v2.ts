/** OpenAPI 2 (Swagger): all groups in one document, for older clients. Source: k8s.io/kube-openapi/pkg/builder. */

import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import { META, type Schemas } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { type CustomlyKind, isCustom } from '../custom/decode.ts';
import { itemsOf } from './custom-operations.ts';
import { customSchemas } from './custom-schema.ts';
import type { Operation } from './operation.ts';
import { tagOf } from './operations.ts';
import { parameter } from './parameters.ts';
import { type Prose, parameterProse } from './prose.ts';
import { reference, schemasFor } from './schema-objects.ts';

/** A form of the document: how it is put together of the forms of its parts. */
export interface SwaggerForm<Part extends string | Uint8Array> {
  name: string;
  path(name: string, item: JSONObject): Part;
  definition(name: string, schema: JSONObject): Part;
  /** Parts are in the order of their names. */
  document(head: Head, paths: Part[], definitions: Part[]): Part;
}

interface Head {
  swagger: string;
  info: { title: string; version: string };
}

const named = (name: string, value: JSONObject): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

export const SWAGGER_TEXT: SwaggerForm<string> = {
  name: 'text',
  path: named,
  definition: named,
  document(head, paths, definitions) {
    const rest = JSON.stringify({
      securityDefinitions: {
        BearerToken: {
          description: 'Bearer Token authentication',
          type: 'apiKey',
          name: 'authorization',
          in: 'header',
        },
      },
      security: [{ BearerToken: [] }],
    });
    const parts = `"paths":{${paths.join()}},"definitions":{${definitions.join()}}`;
    return `${JSON.stringify(head).slice(0, -1)},${parts},${rest.slice(1)}`;
  },
};

/** What some kinds bring to the document, by name. */
interface Parts<Part> {
  paths: [string, Part][];
  definitions: [string, Part][];
  size: number;
}

/** Of what custom resources bring so much is remembered, in characters or bytes. */
const REMEMBERED_PARTS = 8 * 1024 ** 2;
const remembered = new BoundedMap<Parts<string | Uint8Array>>(REMEMBERED_PARTS, ({ size }) => size);

/** All groups at once. What each definition brings is made by itself, so that no more than that is there as objects. */
export function swagger<Part extends string | Uint8Array>(
  { kinds, schemas }: Catalog,
  version: string,
  prose: Prose,
  form: SwaggerForm<Part>,
): Part {
  const names = schemas.names().filter((name) => schemas.find(name)!.inOpenAPI);
  const definitions = schemasFor(schemas, [...names, `${META}Patch`], 'v2', prose);
  const builtIn = kinds.filter((kind) => !isCustom(kind));
  const parts = [partsOf(form, pathsOf(builtIn, schemas, prose), Object.entries(definitions))];
  for (const kind of kinds) if (isCustom(kind)) parts.push(customParts(kind, schemas, prose, form));
  return form.document(
    { swagger: '2.0', info: { title: 'Kubernetes', version } },
    inOrder(parts.flatMap(({ paths }) => paths)),
    inOrder(parts.flatMap(({ definitions }) => definitions)),
  );
}

function customParts<Part extends string | Uint8Array>(
  kind: CustomlyKind,
  schemas: Schemas,
  prose: Prose,
  form: SwaggerForm<Part>,
): Parts<Part> {
  const id = `${form.name} ${kind.version} ${kind.custom.digest}`;
  const known = remembered.get(id);
  if (known) return known as Parts<Part>;
  const parts = partsOf(form, pathsOf([kind], schemas, prose), customSchemas(kind, 'v2', prose));
  remembered.set(id, parts);
  return parts;
}

function partsOf<Part extends string | Uint8Array>(
  form: SwaggerForm<Part>,
  paths: [string, JSONObject][],
  definitions: [string, JSONObject][],
): Parts<Part> {
  const parts: Parts<Part> = {
    paths: paths.map(([name, item]) => [name, form.path(name, item)]),
    definitions: definitions.map(([name, schema]) => [name, form.definition(name, schema)]),
    size: 0,
  };
  for (const [name, part] of [...parts.paths, ...parts.definitions]) parts.size += name.length + part.length;
  return parts;
}

const inOrder = <Part>(entries: [string, Part][]): Part[] =>
  entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);

function pathsOf(kinds: readonly Kind[], schemas: Schemas, prose: Prose): [string, JSONObject][] {
  const paths: Record<string, JSONObject> = {};
  for (const kind of kinds) {
    for (const item of itemsOf(kind, schemas)) {
      paths[item.path] ??= {};
      const target = paths[item.path]!;
      for (const operation of item.operations) {
        target[operation.method] = operationObject(operation, kind, prose);
      }
      const [first] = item.operations;
      target.parameters = item.parameters.map((parameter) => parameterObject(parameter, first!, kind, prose));
    }
  }
  return Object.entries(paths);
}

function parameterObject(parameterName: string, operation: Operation, kind: Kind, prose: Prose): JSONObject {
  const { name, in: place, type } = parameter(parameterName);
  const description = parameterProse(prose, parameterName, operation, kind);
  const required = place === 'path' && { required: true };
  return { uniqueItems: true, type, ...(description && { description }), name, in: place, ...required };
}

function operationObject(operation: Operation, kind: Kind, prose: Prose): JSONObject {
  const answer = (description: string): JSONObject => ({
    description,
    schema: operation.answer ? reference(operation.answer, 'v2') : { type: 'string' },
  });
  const body = operation.body && {
    in: 'body',
    name: 'body',
    required: operation.method !== 'delete',
    schema: reference(operation.body, 'v2'),
  };
  const parameters = operation.parameters.map((name) => parameterObject(name, operation, kind, prose));
  return {
    description: operation.description,
    consumes: operation.consumes.length > 0 ? operation.consumes : ['*/*'],
    produces: operation.produces,
    schemes: ['https'],
    tags: [tagOf(kind.group, kind.version)],
    operationId: operation.operationId,
    parameters: [...(body ? [body] : []), ...parameters],
    responses: {
      200: answer('OK'),
      ...(operation.created && { 201: answer('Created') }),
      ...(operation.accepted && { 202: answer('Accepted') }),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.groupVersionKind,
  };
}
