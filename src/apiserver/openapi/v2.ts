/** OpenAPI 2 (Swagger): all groups in one document, for older clients. Source: k8s.io/kube-openapi/pkg/builder. */
import { KINDS } from '../../resources/kinds.ts';
import { findSchema, META, schemaNames } from '../../resources/schema.ts';
import { type Operation, pathItems, tagOf } from './operations.ts';
import { parameter } from './parameters.ts';
import { reference, schemasFor } from './schema-objects.ts';

type Json = Record<string, any>;

export function swagger(version: string): Json {
  const paths: Json = {};
  for (const kind of KINDS) {
    for (const item of pathItems(kind)) {
      paths[item.path] ??= {};
      const target: Json = paths[item.path];
      for (const operation of item.operations) {
        target[operation.method] = operationObject(operation, tagOf(kind.group, kind.version));
      }
      target.parameters = item.parameters.map(parameterObject);
    }
  }
  const names = schemaNames().filter((name) => findSchema(name)!.inOpenAPI);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: schemasFor([...names, `${META}Patch`], 'v2'),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

function parameterObject(name: string): Json {
  const { in: place, type } = parameter(name);
  return { uniqueItems: true, type, name, in: place, ...(place === 'path' && { required: true }) };
}

function operationObject(operation: Operation, tag: string): Json {
  const answer = (description: string): Json => ({
    description,
    ...(operation.answer && { schema: reference(operation.answer, 'v2') }),
  });
  const body = operation.body && {
    in: 'body',
    name: 'body',
    required: operation.method !== 'delete',
    schema: reference(operation.body, 'v2'),
  };
  return {
    consumes: operation.consumes.length > 0 ? operation.consumes : ['*/*'],
    produces: operation.produces,
    schemes: ['https'],
    tags: [tag],
    operationId: operation.operationId,
    parameters: [...(body ? [body] : []), ...operation.parameters.map(parameterObject)],
    responses: {
      200: answer('OK'),
      ...(operation.created && { 201: answer('Created') }),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.groupVersionKind,
  };
}
