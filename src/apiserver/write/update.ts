/** update of an object or of its status. */
import { storageKey } from '../../catalog/kinds.ts';
import { conflict, notFound } from '../../objects/status.ts';
import { respondWritten } from '../answer/encode.ts';
import { commit } from '../commit.ts';
import { managerOf, writeOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { readSent } from './body.ts';
import { createObject } from './create.ts';
import type { Written } from './decision.ts';
import { dropSameOwners } from './owners.ts';
import { matchPath } from './places.ts';
import { decideReplacement } from './replacement.ts';
import { wishes } from './wishes.ts';

const MISSING = Symbol('missing');

export async function update(exchange: Exchange): Promise<Response> {
  const { kind, namespace, name, query, request, subresource } = exchange;
  const options = writeOptions(query, 'UpdateOptions');
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const sent = await readSent(exchange, options.fieldValidation);
  const { object } = sent;
  matchPath(object, name!, namespace);
  const { uid, resourceVersion } = object.metadata;
  const mayCreate = kind.strategy.allowCreateOnUpdate && !subresource && !resourceVersion;
  const reads = wishes(exchange, object, 'update');
  const outcome = await commit<Written | typeof MISSING>(exchange, reads, name!, (seen) => {
    if (!seen.current && !mayCreate) throw notFound(kind, name!);
    checkUID(exchange, uid, seen.current?.metadata.uid ?? '');
    if (!seen.current) return { operations: [], answer: () => MISSING };
    const made = sent.take();
    dropSameOwners(made, seen.context, 'sent');
    return decideReplacement(exchange, made, { manager: exchange.manager }, seen);
  });
  if (outcome !== MISSING) return respondWritten(exchange, outcome, 200);
  return respondWritten(exchange, await createObject({ ...exchange, verb: 'create' }, sent), 201);
}

/** A PUT's UID is a precondition; `''` is what is not there. */
function checkUID({ kind, name, namespace }: Exchange, uid: string | undefined, current: string): void {
  if (!uid || uid === current) return;
  const key = storageKey(kind, namespace, name!);
  throw conflict(
    kind,
    name!,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current}`,
  );
}
