/** create. */

import { quotaReads } from '../admission/resource-quota.ts';
import { storageKey } from '../catalog/kinds.ts';
import type { Read } from '../catalog/strategy.ts';
import { cloneJSON } from '../objects/clone.ts';
import type { KubeObject } from '../objects/object.ts';
import { alreadyExists, StatusError } from '../objects/status.ts';
import { isMaster, POLICY_RESOURCES } from '../resources/rbac/authorizer.ts';
import { readObject } from './body.ts';
import { objectBody, respond } from './encode.ts';
import { managerOf, writeOptions } from './options.ts';
import { commit, type Exchange, groupResource, withVersion } from './pipeline.ts';
import { admitToNamespace, matchNamespace, prepareCreate } from './stages.ts';
import { storedText } from './stored.ts';

export async function create(exchange: Exchange): Promise<Response> {
  const { kind, namespace, query, request } = exchange;
  const options = writeOptions(query, 'CreateOptions');
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const sent = await readObject(exchange, kind, options.fieldValidation);
  sent.metadata ??= {} as KubeObject['metadata'];
  if (kind.namespaced) matchNamespace(sent, namespace);
  await examine(exchange, sent);
  const { object, now } = await createObject(exchange, sent);
  return respond(objectBody(kind, object, exchange.accepted, query, now), exchange.accepted, 201, exchange.warnings);
}

/** The kind's checks that take their time, for what may become a new object. */
export async function examine(exchange: Exchange, sent: KubeObject): Promise<void> {
  const found = await exchange.kind.strategy.examine?.(sent);
  if (found) exchange.examined = found;
}

/** Creates what was decoded; tries other names when a generated one is taken. */
export async function createObject(exchange: Exchange, sent: KubeObject): Promise<{ object: KubeObject; now: number }> {
  const { kind } = exchange;
  const generated = !sent.metadata.name && Boolean(sent.metadata.generateName);
  return commit(exchange, wishes(exchange, sent), sent.metadata.name || undefined, (seen) => {
    const object = cloneJSON(sent);
    if (kind.namespaced) admitToNamespace(kind, object, exchange.namespace!, seen.view);
    prepareCreate(kind, object, { manager: exchange.manager }, seen.context);
    const version = sent.metadata.resourceVersion;
    if (version && version !== '0') {
      if (!exchange.dryRun)
        throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
      object.metadata.resourceVersion = version;
    }
    if (seen.current && !generated) throw alreadyExists(groupResource(kind), object.metadata.name);
    return {
      operations: [
        { put: { key: storageKey(kind, exchange.namespace, object.metadata.name), value: storedText(object) } },
      ],
      answer: (revision) => ({ object: withVersion(object, exchange.dryRun ? 0 : revision), now: seen.now }),
    };
  });
}

/** The namespace, and what the kind's admission looks at. */
export function wishes(exchange: Exchange, object: KubeObject, operation: 'create' | 'update' = 'create'): Read[] {
  const { kind, namespace, identity } = exchange;
  const strategy = kind.strategy;
  const reads: Read[] = [
    ...(strategy.reads?.(object, operation, namespace) ?? []),
    ...quotaReads(kind, namespace, operation, exchange.subresource),
  ];
  if (strategy.asksPolicy && !isMaster(identity)) reads.push(...POLICY_RESOURCES.map((resource) => ({ resource })));
  if (
    kind.namespaced &&
    operation === 'create' &&
    !reads.some((r) => r.resource === 'namespaces' && r.name === namespace)
  )
    reads.push({ resource: 'namespaces', name: namespace! });
  return reads;
}
