/** OpenAPI 2 (Swagger): all groups in one document, for older clients. Source: k8s.io/kube-openapi/pkg/builder. */

import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import { META, type Schemas } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { type CustomlyKind, isCustom } from '../custom/decode.ts';
import { itemsOf } from './custom-operations.ts';
import { customSchemas, listSchemaName } from './custom-schema.ts';
import type { Operation } from './operation.ts';
import { tagOf } from './operations.ts';
import { parameter } from './parameters.ts';
import { type Prose, parameterProse } from './prose.ts';
import { reference, schemasFor } from './schema-objects.ts';

/** A form of the document: how it is put together of the forms of its parts. */
export interface SwaggerForm<Part extends string | Uint8Array> {
  path(name: string, item: JSONObject): Part;
  definition(name: string, schema: JSONObject): Part;
  /** The pieces of the document, each made when it is asked for. Parts are in the order of their names. */
  document(head: Head, paths: Parts<Part>, definitions: Parts<Part>): Iterable<Part>;
}

/** Of which each may be made again. */
type Parts<Part> = readonly (() => Part)[];

interface Head {
  swagger: string;
  info: { title: string; version: string };
}

const named = (name: string, value: JSONObject): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

export const SWAGGER_TEXT: SwaggerForm<string> = {
  path: named,
  definition: named,
  *document(head, paths, definitions) {
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
    yield `${JSON.stringify(head).slice(0, -1)},"paths":{`;
    yield* listed(paths);
    yield '},"definitions":{';
    yield* listed(definitions);
    yield `},${rest.slice(1)}`;
  },
};

function* listed(parts: Parts<string>): Generator<string> {
  for (const [i, part] of parts.entries()) yield i === 0 ? part() : `,${part()}`;
}

/** Definitions whose schemas are there as objects at a time: those of one are asked for one after the other. */
const MADE_AT_ONCE = 4;

/** All groups at once. What each definition brings is made by itself, so that no more than that is there as objects. */
export function swagger<Part extends string | Uint8Array>(
  { kinds, schemas }: Catalog,
  version: string,
  prose: Prose,
  form: SwaggerForm<Part>,
): Iterable<Part> {
  const names = schemas.names().filter((name) => schemas.find(name)!.inOpenAPI);
  const builtIn = kinds.filter((kind) => !isCustom(kind));
  const paths: [string, () => Part][] = pathsOf(builtIn, schemas, prose).map(([name, item]) => [
    name,
    () => form.path(name, item),
  ]);
  const ofTypes = Object.entries(schemasFor(schemas, [...names, `${META}Patch`], 'v2', prose));
  const definitions: [string, () => Part][] = ofTypes.map(([name, schema]) => [
    name,
    () => form.definition(name, schema),
  ]);
  const own = lastMade((kind) => ({
    paths: new Map(pathsOf([kind], schemas, prose)),
    definitions: new Map(customSchemas(kind, 'v2', prose)),
  }));
  for (const kind of kinds) {
    if (!isCustom(kind)) continue;
    for (const { path } of itemsOf(kind, schemas))
      paths.push([path, () => form.path(path, own(kind).paths.get(path)!)]);
    for (const name of [kind.schema, listSchemaName(kind)])
      definitions.push([name, () => form.definition(name, own(kind).definitions.get(name)!)]);
  }
  return form.document(
    { swagger: '2.0', info: { title: 'Kubernetes', version } },
    inOrder(paths),
    inOrder(definitions),
  );
}

interface OwnParts {
  paths: Map<string, JSONObject>;
  definitions: Map<string, JSONObject>;
}

/** What a kind brings, made when it is asked for, and again where others were meanwhile. */
function lastMade(make: (kind: CustomlyKind) => OwnParts): (kind: CustomlyKind) => OwnParts {
  const made = new BoundedMap<OwnParts>(MADE_AT_ONCE);
  return (kind) => {
    const known = made.get(kind.schema) ?? make(kind);
    made.set(kind.schema, known);
    return known;
  };
}

const inOrder = <Part>(entries: [string, () => Part][]): Parts<Part> =>
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
