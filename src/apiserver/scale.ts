/** The scale subresource: an autoscaling/v1 Scale that stands for an object's number of replicas. */
import type { Kind } from '../resources/kinds.ts';
import type { KubeObject } from '../resources/object.ts';
import { formatLabelSelector } from '../resources/selectors.ts';
import { decodePatched, mediaType, readBody, readObject } from './body.ts';
import { respond } from './encode.ts';
import { managerOf, writeOptions } from './options.ts';
import { PATCH_TYPES, readPatch } from './patch.ts';
import { commit, type Exchange, groupResource } from './pipeline.ts';
import { conflict, invalid, notFound, StatusError } from './status.ts';
import { MODIFIED, replace } from './update.ts';

const SCALE = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: 'io.k8s.api.autoscaling.v1.Scale',
};

function scaleOf(kind: Kind, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    kind.kind === 'ReplicationController' ? { matchLabels: object.spec?.selector } : object.spec?.selector;
  const text = formatLabelSelector(selector);
  const replicas = object.spec?.replicas ?? 0;
  return {
    kind: SCALE.kind,
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas ? { replicas } : {},
    status: { replicas: object.status?.replicas ?? 0, ...(text ? { selector: text } : {}) },
  };
}

export async function scale(exchange: Exchange): Promise<Response> {
  const { kind, name, verb, query, request, accepted } = exchange;
  if (verb === 'get') {
    const seen = await commit(exchange, [], name!, (found) => {
      if (!found.current) throw notFound(groupResource(kind), name!);
      const object = scaleOf(kind, found.current);
      return { operations: [], answer: () => object };
    });
    return respond(seen, accepted);
  }
  const options = writeOptions(query, verb === 'update' ? 'UpdateOptions' : 'PatchOptions');
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const change = verb === 'update' ? await sentScale(exchange) : await patchedScale(exchange);
  const written = await commit(exchange, [], name!, (found) => {
    if (!found.current) throw notFound(groupResource(kind), name!);
    const wanted = change(scaleOf(kind, found.current));
    const version = wanted.metadata?.resourceVersion;
    if (version && version !== found.current.metadata.resourceVersion)
      throw conflict(groupResource(kind), name!, MODIFIED);
    const replicas = wanted.spec?.replicas ?? 0;
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
    const asObject: Exchange = { ...exchange };
    delete asObject.subresource;
    const context = { ...found.context };
    delete context.subresource;
    return replace(asObject, { ...found, context }, object, { manager: exchange.manager, subresource: 'scale' });
  });
  return respond(scaleOf(kind, written.object), accepted, 200, exchange.warnings);
}

type Change = (current: KubeObject) => KubeObject;

async function sentScale(exchange: Exchange): Promise<Change> {
  const object = await readObject(exchange, SCALE, 'Warn');
  return () => object;
}

async function patchedScale(exchange: Exchange): Promise<Change> {
  const type = mediaType(exchange.request);
  if (!PATCH_TYPES.includes(type) || type.startsWith('application/apply'))
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const patch = readPatch(await readBody(exchange.request), type, SCALE.schema);
  return (current) => decodePatched(patch(current), SCALE, 'Warn', exchange.warnings);
}
