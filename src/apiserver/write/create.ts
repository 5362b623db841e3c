/** create. */

import type { Kind } from '../../catalog/kinds.ts';
import { StatusError } from '../../objects/status.ts';
import { respondWritten } from '../answer/encode.ts';
import { commit } from '../commit.ts';
import { managerOf, writeOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { readSent, type Sent } from './body.ts';
import { decideCreation } from './creation.ts';
import type { Written } from './decision.ts';
import { dropSameOwners } from './owners.ts';
import { matchNamespace } from './places.ts';
import { examine, wishes } from './wishes.ts';

export async function create(exchange: Exchange): Promise<Response> {
  const { kind, namespace, query, request } = exchange;
  if (kind.custom?.isTerminating) throw createDuringEnd(kind);
  const options = writeOptions(query, 'CreateOptions');
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const sent = await readSent(exchange, options.fieldValidation);
  if (kind.namespaced) matchNamespace(sent.object, namespace);
  if (sent.object.metadata.name) exchange.named?.(sent.object.metadata.name);
  await examine(exchange, sent.object);
  return respondWritten(exchange, await createObject(exchange, sent), 201);
}

const createDuringEnd = ({ group, resource }: Kind): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
    ...(group ? { group } : {}),
    kind: resource,
  });

/** Creates what was decoded; tries other names when a generated one is taken. */
export function createObject(exchange: Exchange, sent: Sent): Promise<Written> {
  const { object } = sent;
  const { name } = object.metadata;
  return commit(exchange, wishes(exchange, object), name || undefined, (seen) => {
    const made = sent.take();
    dropSameOwners(made, seen.context, 'sent');
    return decideCreation(exchange, made, { manager: exchange.manager }, seen);
  });
}
