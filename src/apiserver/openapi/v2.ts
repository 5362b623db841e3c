/** OpenAPI 2 (Swagger): all groups in one document, for older clients. Source: k8s.io/kube-openapi/pkg/builder. */

import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import { META } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import { isCustom } from '../custom/decode.ts';
import { itemsOf } from './custom-operations.ts';
import { customSchemas } from './custom-schema.ts';
import type { Operation } from './operation.ts';
import { tagOf } from './operations.ts';
import { parameter } from './parameters.ts';
import { type Prose, parameterProse } from './prose.ts';
import { reference, schemasFor } from './schema-objects.ts';

export function swagger({ kinds, schemas }: Catalog, version: string, prose: Prose): JSONObject {
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
  const own = kinds.filter(isCustom).flatMap((kind) => customSchemas(kind, 'v2', prose));
  const names = schemas.names().filter((name) => schemas.find(name)!.inOpenAPI);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: byName(Object.entries(paths)),
    definitions: byName([...Object.entries(schemasFor(schemas, [...names, `${META}Patch`], 'v2', prose)), ...own]),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

const byName = (entries: [string, JSONObject][]): JSONObject =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

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
