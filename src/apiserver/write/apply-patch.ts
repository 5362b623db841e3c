/** Server-side apply: a PATCH of `application/apply-patch+yaml`. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher). */

import { append } from '../../objects/append.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, conflict, notFound } from '../../objects/status.ts';
import { respondWritten } from '../answer/encode.ts';
import { apply } from '../apply/apply.ts';
import { asWarnings, parseYAML } from '../codec/body.ts';
import { parseJSONAsYAML } from '../codec/json-in-yaml.ts';
import { YAMLSyntaxError } from '../codec/yaml/tokens.ts';
import { commit } from '../commit.ts';
import type { WriteOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { decideCreation } from './creation.ts';
import type { Decision, Seen, Written } from './decision.ts';
import { matchPath } from './places.ts';
import { decideReplacement } from './replacement.ts';
import { examine, wishes } from './wishes.ts';

type Applied = Written & { created: boolean };

export async function applyObject(exchange: Exchange, bytes: Uint8Array, options: WriteOptions): Promise<Response> {
  const { kind, name } = exchange;
  const { value: patch, repeated } = readPatch(bytes);
  const reads = kind.schema
    ? [...wishes(exchange, withMeta(patch, exchange)), ...wishes(exchange, withMeta(patch, exchange), 'update')]
    : [];
  await examine(exchange, withMeta(patch, exchange));
  const applied = await commit<Applied>(exchange, reads, name!, (seen) =>
    decide(exchange, seen, patch, options, repeated),
  );
  return respondWritten(exchange, applied, applied.created ? 201 : 200);
}

function readPatch(bytes: Uint8Array): { value: JSONObject; repeated: string[] } {
  const text = new TextDecoder().decode(bytes);
  const plain = parseJSONAsYAML(text);
  if (plain) return { value: plain, repeated: [] };
  try {
    const { value, repeated } = parseYAML(text);
    if (isJSONObject(value)) return { value, repeated };
  } catch (error) {
    if (error instanceof YAMLSyntaxError) throw badRequest(`error encoding patch: ${error.message}`);
    throw error;
  }
  throw badRequest('error decoding YAML: json: cannot unmarshal into Go value of type map[string]interface {}');
}

/** Admission looks at an object's metadata, which a patch need not have. */
const withMeta = (patch: JSONObject, { namespace, name }: Exchange): KubeObject => ({
  ...(patch as KubeObject),
  metadata: { ...(patch as KubeObject).metadata, name: name!, ...(namespace !== undefined && { namespace }) },
});

function decide(
  exchange: Exchange,
  seen: Seen,
  patch: JSONObject,
  { force = false, fieldValidation }: WriteOptions,
  repeated: readonly string[],
): Decision<Applied> {
  const { kind, namespace, name, manager, subresource } = exchange;
  const strategy = kind.strategy;
  if (!seen.current && subresource) throw notFound(kind, name!);
  const object = apply({
    kind,
    ...(seen.current && { live: seen.current }),
    patch,
    manager,
    force,
    ...(subresource && { subresource }),
    now: seen.context.now,
    ...(strategy.defaults && { defaults: (object: KubeObject) => strategy.defaults!(object) }),
  });
  if (repeated.length > 0 && fieldValidation === 'Strict')
    throw badRequest(`error strict decoding patch: ${repeated.join(', ')}`);
  if (fieldValidation === 'Warn') append(exchange.warnings, repeated.flatMap(asWarnings));
  if (!seen.current && object.metadata?.uid)
    throw conflict(
      kind,
      name!,
      `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`,
    );
  matchPath(object, name!, namespace);
  const author = { manager, tracked: true };
  const created = !seen.current;
  const { operations, answer } = (created ? decideCreation : decideReplacement)(exchange, object, author, seen);
  return { operations, answer: (revision) => ({ ...answer(revision), created }) };
}
