/** What takes the place of what is there: the common part of updates, patches and applies, whoever makes them. */
import { storageKey } from '../../catalog/kinds.ts';
import type { KubeObject } from '../../objects/object.ts';
import { conflict, invalid, StatusError } from '../../objects/status.ts';
import type { Author } from './author.ts';
import { type Decision, type Place, type Seen, storing, type Written, withVersion } from './decision.ts';
import { endsWithUpdate, prepareUpdate } from './stages.ts';

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** Decides about `object`, which it completes in place, becoming what there is. Throws `StatusError`. */
export function decideReplacement(place: Place, object: KubeObject, author: Author, seen: Seen): Decision<Written> {
  const { kind, namespace } = place;
  const { now, text } = seen;
  const current = seen.current!;
  // Apply says nothing of what it does not own.
  if (author.tracked) object.metadata.resourceVersion ||= current.metadata.resourceVersion!;
  checkVersion(place, object, current, author);
  const prepared = prepareUpdate(kind, object, current, author, seen.context);
  if (!prepared)
    return { operations: [], answer: () => ({ object: current, now, ...(text === undefined ? {} : { text }) }) };
  if (!endsWithUpdate(prepared)) return storing(place, prepared, now);
  // What an update ends keeps the version of its last state.
  return {
    operations: [{ deleteRange: { key: storageKey(kind, namespace, current.metadata.name) } }],
    answer: () => ({ object: withVersion(prepared, Number(current.metadata.resourceVersion)), now }),
  };
}

/** Throws 409 when the object was made of another state than there is. */
export function checkVersion({ kind }: Place, object: KubeObject, current: KubeObject, author: Author): void {
  const { resourceVersion } = object.metadata;
  const { name } = current.metadata;
  if (resourceVersion && resourceVersion !== '0') {
    if (!/^\d+$/.test(resourceVersion))
      throw new StatusError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
    if (resourceVersion !== current.metadata.resourceVersion) throw conflict(kind, name, MODIFIED);
  } else if (kind.strategy.allowUnconditionalUpdate === false && !author.trusted)
    // The registry knows its resource only.
    throw invalid(kind.group, kind.resource, name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: `Invalid value: ${resourceVersion === undefined ? 0 : Number(resourceVersion)}: must be specified for an update`,
      },
    ]);
}
