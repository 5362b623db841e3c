/** Server-side apply: a PATCH of `application/apply-patch+yaml`. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher). */

import { storageKey } from '../catalog/kinds.ts';
import { append } from '../objects/append.ts';
import { cloneJSON } from '../objects/clone.ts';
import type { KubeObject } from '../objects/object.ts';
import { badRequest, conflict, notFound } from '../objects/status.ts';
import { apply } from './apply/apply.ts';
import { asWarnings, parseYAML } from './codec/body.ts';
import { YAMLSyntaxError } from './codec/yaml/tokens.ts';
import { examine, wishes } from './create.ts';
import { objectBody, respond } from './encode.ts';
import type { WriteOptions } from './options.ts';
import { commit, type Decision, type Exchange, groupResource, type Seen, withVersion } from './pipeline.ts';
import { admitToNamespace, matchPath, prepareCreate } from './stages.ts';
import { storedText } from './stored.ts';
import { replace, type Written } from './update.ts';

type Applied = Written & { created: boolean };

export async function applyObject(exchange: Exchange, bytes: Uint8Array, options: WriteOptions): Promise<Response> {
  const { kind, query, name } = exchange;
  const { value: patch, repeated } = readPatch(bytes);
  const reads = kind.schema
    ? [...wishes(exchange, withMeta(patch, exchange)), ...wishes(exchange, withMeta(patch, exchange), 'update')]
    : [];
  await examine(exchange, withMeta(patch, exchange));
  const { object, now, created } = await commit<Applied>(exchange, reads, name!, (seen) =>
    decide(exchange, seen, patch, options, repeated),
  );
  const body = objectBody(kind, object, exchange.accepted, query, now);
  return respond(body, exchange.accepted, created ? 201 : 200, exchange.warnings);
}

function readPatch(bytes: Uint8Array): { value: any; repeated: string[] } {
  try {
    const { value, repeated } = parseYAML(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value, repeated };
  } catch (error) {
    if (error instanceof YAMLSyntaxError) throw badRequest(`error encoding patch: ${error.message}`);
    throw error;
  }
  throw badRequest('error decoding YAML: json: cannot unmarshal into Go value of type map[string]interface {}');
}

/** Admission looks at an object's metadata, which a patch need not have. */
const withMeta = (patch: any, { namespace, name }: Exchange): KubeObject => ({
  ...patch,
  metadata: { ...patch.metadata, name, ...(namespace !== undefined && { namespace }) },
});

function decide(
  exchange: Exchange,
  seen: Seen,
  patch: any,
  { force = false, fieldValidation }: WriteOptions,
  repeated: readonly string[],
): Decision<Applied> {
  const { kind, namespace, name, manager, subresource } = exchange;
  const strategy = kind.strategy;
  if (!seen.current && subresource) throw notFound(groupResource(kind), name!);
  const applied = apply({
    kind,
    ...(seen.current && { live: seen.current }),
    patch: cloneJSON(patch),
    manager,
    force,
    ...(subresource && { subresource }),
    now: seen.context.now,
    ...(strategy.defaults && { defaults: (object: KubeObject) => strategy.defaults!(object) }),
  });
  if (repeated.length > 0 && fieldValidation === 'Strict')
    throw badRequest(`error strict decoding patch: ${repeated.join(', ')}`);
  if (fieldValidation === 'Warn') append(exchange.warnings, repeated.flatMap(asWarnings));
  const object = cloneJSON(applied);
  if (!seen.current && object.metadata?.uid)
    throw conflict(
      groupResource(kind),
      name!,
      `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`,
    );
  matchPath(object, name!, namespace);
  const author = { manager, tracked: true };
  if (seen.current) {
    const { operations, answer } = replace(exchange, seen, object, author);
    return { operations, answer: (revision) => ({ ...answer(revision), created: false }) };
  }
  if (kind.namespaced) admitToNamespace(kind, object, namespace!, seen.view);
  prepareCreate(kind, object, author, seen.context);
  return {
    operations: [{ put: { key: storageKey(kind, namespace, name!), value: storedText(object) } }],
    answer: (revision) => ({
      object: withVersion(object, exchange.dryRun ? 0 : revision),
      now: seen.now,
      created: true,
    }),
  };
}
