/** update of an object or of its status, and what an update has in common with a patch. */

import { storageKey } from '../catalog/kinds.ts';
import { cloneJSON } from '../objects/clone.ts';
import type { KubeObject } from '../objects/object.ts';
import { conflict, invalid, notFound, StatusError } from '../objects/status.ts';
import { readObject } from './body.ts';
import { createObject, wishes } from './create.ts';
import { objectBody, respond } from './encode.ts';
import { managerOf, writeOptions } from './options.ts';
import { commit, type Decision, type Exchange, groupResource, type Seen, withVersion } from './pipeline.ts';
import { type Author, endsWithUpdate, matchPath, prepareUpdate } from './stages.ts';
import { storedText } from './stored.ts';

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export async function update(exchange: Exchange): Promise<Response> {
  const { kind, namespace, name, query, request } = exchange;
  const options = writeOptions(query, 'UpdateOptions');
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const sent = await readObject(exchange, kind, options.fieldValidation);
  sent.metadata ??= {} as KubeObject['metadata'];
  matchPath(sent, name!, namespace);
  const strategy = kind.strategy;
  const missing = Symbol('missing');
  const outcome = await commit<Written | typeof missing>(exchange, wishes(exchange, sent, 'update'), name!, (seen) => {
    if (!seen.current) {
      if (strategy.allowCreateOnUpdate && !exchange.subresource && !sent.metadata.resourceVersion) {
        checkUID(exchange, sent.metadata.uid, '');
        return { operations: [], answer: () => missing };
      }
      throw notFound(groupResource(kind), name!);
    }
    return replace(exchange, seen, cloneJSON(sent), { manager: exchange.manager });
  });
  if (outcome === missing) {
    const made = await createObject({ ...exchange, verb: 'create' }, sent);
    return respond(
      objectBody(kind, made.object, exchange.accepted, query, made.now),
      exchange.accepted,
      201,
      exchange.warnings,
    );
  }
  const { object, now } = outcome as Written;
  return respond(objectBody(kind, object, exchange.accepted, query, now), exchange.accepted, 200, exchange.warnings);
}

export interface Written {
  object: KubeObject;
  now: number;
}

/** Decides about `object` taking the place of what is there. */
export function replace(exchange: Exchange, seen: Seen, object: KubeObject, author: Author): Decision<Written> {
  const { kind, namespace, name } = exchange;
  const current = seen.current!;
  // Apply says nothing of what it does not own.
  if (author.tracked) object.metadata.resourceVersion ||= current.metadata.resourceVersion!;
  checkVersion(exchange, object, current);
  const prepared = prepareUpdate(kind, object, current, author, seen.context);
  if (!prepared) return { operations: [], answer: () => ({ object: current, now: seen.now }) };
  const key = storageKey(kind, namespace, name!);
  // What an update ends keeps the version of its last state.
  if (endsWithUpdate(prepared))
    return {
      operations: [{ deleteRange: { key } }],
      answer: () => ({ object: withVersion(prepared, Number(current.metadata.resourceVersion)), now: seen.now }),
    };
  return {
    operations: [{ put: { key, value: storedText(prepared) } }],
    answer: (revision) => ({ object: withVersion(prepared, revision), now: seen.now }),
  };
}

/** A PUT's UID is a precondition; `''` is what is not there. */
function checkUID({ kind, name, namespace }: Exchange, uid: string | undefined, current: string): void {
  if (!uid || uid === current) return;
  const key = storageKey(kind, namespace, name!);
  throw conflict(
    groupResource(kind),
    name!,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current}`,
  );
}

function checkVersion(exchange: Exchange, object: KubeObject, current: KubeObject): void {
  const { kind, name } = exchange;
  const { resourceVersion, uid } = object.metadata;
  if (exchange.verb === 'update') checkUID(exchange, uid, current.metadata.uid ?? '');
  if (resourceVersion && resourceVersion !== '0') {
    if (!/^\d+$/.test(resourceVersion))
      throw new StatusError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
    if (resourceVersion !== current.metadata.resourceVersion) throw conflict(groupResource(kind), name!, MODIFIED);
  } else if (kind.strategy.allowUnconditionalUpdate === false)
    // The registry knows its resource only.
    throw invalid(kind.group, kind.resource, name!, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: `Invalid value: ${resourceVersion === undefined ? 0 : Number(resourceVersion)}: must be specified for an update`,
      },
    ]);
}
