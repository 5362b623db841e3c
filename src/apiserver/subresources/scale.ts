/** The scale subresource: an autoscaling/v1 Scale that stands for an object's number of replicas. */

import { age } from '../../catalog/columns/row.ts';
import { cloneJSON } from '../../objects/clone.ts';
import type { CustomResourceSubresourceScale } from '../../objects/generated/apiextensions-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { own, setOwn } from '../../objects/own.ts';
import { badRequest, conflict, invalid, notFound, StatusError } from '../../objects/status.ts';
import { namesOf } from '../../resources/custom/scale-paths.ts';
import { includeObject, partial, respond } from '../answer/encode.ts';
import { commit } from '../commit.ts';
import { admitThrough } from '../dynamic-admission/subresource-admission.ts';
import { columnProse } from '../openapi/prose.ts';
import { managerOf, writeOptions } from '../options.ts';
import { decodeChange } from '../patch/patched.ts';
import { PLAIN_PATCHES, readPatch } from '../patch/read-patch.ts';
import type { Exchange } from '../pipeline.ts';
import { mediaType, readBody, readObject } from '../write/body.ts';
import type { Decision, Seen, Written } from '../write/decision.ts';
import { matchPath } from '../write/places.ts';
import { decideReplacement, MODIFIED } from '../write/replacement.ts';
import { NO_REPLICAS, SCALE, scaleOf } from './scale-object.ts';

export async function scale(exchange: Exchange): Promise<Response> {
  const { kind, name, verb, query, request, accepted } = exchange;
  if (verb === 'get') {
    const { object, now } = await commit(exchange, [], name!, (found) => {
      if (!found.current) throw notFound(kind, name!);
      const made = { object: scaleOf(kind, found.current), now: found.now };
      return { operations: [], answer: () => made };
    });
    return respond(scaleBody(exchange, object, now), accepted);
  }
  const options = writeOptions(query, verb === 'update' ? 'UpdateOptions' : 'PatchOptions');
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const change = verb === 'update' ? await sentScale(exchange) : await patchedScale(exchange);
  const written = await commit(exchange, [], name!, (found) => {
    if (!found.current) throw notFound(kind, name!);
    const before = scaleOf(kind, found.current, false);
    const asked = { operation: 'UPDATE' as const, objectType: SCALE, object: change(before), old: before };
    const wanted = admitThrough(exchange, found.context, asked);
    const version = wanted.metadata?.resourceVersion;
    if (version && version !== found.current.metadata.resourceVersion) throw conflict(kind, name!, MODIFIED);
    const replicas = wanted.spec?.replicas ?? 0;
    if (kind.custom?.scale) return scaleCustom(exchange, kind.custom.scale, replicas, found);
    if (replicas < 0)
      throw invalid('autoscaling', 'Scale', name!, [
        {
          type: 'FieldValueInvalid',
          field: 'spec.replicas',
          message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
        },
      ]);
    const object = structuredClone(found.current);
    object.spec = { ...object.spec, replicas };
    const context = { ...found.context };
    delete context.subresource;
    return decideReplacement(
      exchange,
      object,
      { manager: exchange.manager, subresource: 'scale', isAdmitted: true },
      { ...found, context },
    );
  });
  return respond(scaleBody(exchange, scaleOf(kind, written.object), written.now), accepted, 200, exchange.warnings);
}

/** Nobody comes to own what is scaled: there is no type that says how. */
function scaleCustom(
  exchange: Exchange,
  scale: CustomResourceSubresourceScale,
  replicas: number,
  found: Seen,
): Decision<Written> {
  if (replicas === NO_REPLICAS)
    throw badRequest(`the spec replicas field ${quoteGo(scale.specReplicasPath)} cannot be empty`);
  const object = cloneJSON(found.current!);
  setNested(object as JSONObject, namesOf(scale.specReplicasPath), replicas);
  const context = { ...found.context };
  delete context.subresource;
  const author = { manager: exchange.manager, subresource: 'scale', tracked: true, isAdmitted: true };
  return decideReplacement(exchange, object, author, { ...found, context });
}

function setNested(object: JSONObject, [name = '', ...below]: string[], value: unknown): void {
  if (below.length === 0) setOwn(object, name, value);
  else {
    if (!isJSONObject(own(object, name))) setOwn(object, name, {});
    setNested(object[name] as JSONObject, below, value);
  }
}

const SCALE_API = 'autoscaling.v1.';

/** A Scale has columns of its own; name and age are everybody's. */
function scaleBody({ kind, accepted, query }: Exchange, object: KubeObject, now: number): unknown {
  if (accepted.as !== 'Table') return accepted.as ? partial(object, accepted) : object;
  const common = kind.table.columns(columnProse);
  const column = (name: string, type: string, description: string): unknown => ({
    name,
    type,
    format: '',
    description,
    priority: 0,
  });
  const prose = (name: string): string => common.find((c) => c.name === name)?.description ?? '';
  const include = includeObject(query);
  const cells = [object.metadata.name, object.spec.replicas ?? 0, object.status.replicas ?? 0, age(object, now)];
  const whole = include === 'Object' ? object : include === 'None' ? null : partial(object, accepted);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${accepted.asVersion}`,
    metadata: { resourceVersion: object.metadata.resourceVersion },
    columnDefinitions: [
      column('Name', 'string', prose('Name')),
      column('Desired', 'integer', columnProse(`${SCALE_API}ScaleSpec`, 'replicas')),
      column('Available', 'integer', columnProse(`${SCALE_API}ScaleStatus`, 'replicas')),
      column('Age', 'string', prose('Age')),
    ],
    rows: [{ cells, object: whole }],
  };
}

/** Where definitions are served, a Scale is the only type that is known. */
const UNKNOWN_SCALE = 'no kind is registered for the type v1.Scale in scheme "pkg/runtime/scheme.go:111"';

const isUnknownKind = (error: unknown): boolean =>
  error instanceof StatusError && / no kind ".*" is registered for version /.test(error.status.message ?? '');

type Change = (current: KubeObject) => KubeObject;

async function sentScale(exchange: Exchange): Promise<Change> {
  const object = await readObject(exchange, SCALE, 'Warn').catch((error: unknown) => {
    throw exchange.kind.custom && isUnknownKind(error) ? badRequest(UNKNOWN_SCALE) : error;
  });
  matchPath(object, exchange.name!, exchange.namespace);
  return () => object;
}

async function patchedScale(exchange: Exchange): Promise<Change> {
  const type = mediaType(exchange.request);
  if (!PLAIN_PATCHES.includes(type))
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const patch = readPatch(await readBody(exchange), type, SCALE.struct, 'Warn');
  return (current) => {
    const object = decodeChange(patch, current, SCALE, exchange.storage.catalog.schemas, 'Warn', exchange.warnings);
    matchPath(object, exchange.name!, exchange.namespace);
    return object;
  };
}
