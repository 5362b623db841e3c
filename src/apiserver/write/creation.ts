/** What a create stores. */
import type { Kind } from '../../catalog/kinds.ts';
import type { KubeObject } from '../../objects/object.ts';
import { alreadyExists, StatusError } from '../../objects/status.ts';
import type { Author } from './author.ts';
import { type Decision, type Place, type Seen, storing, type Written } from './decision.ts';
import { admitToNamespace } from './places.ts';
import { prepareCreate } from './stages.ts';

/** Decides about `object`, which it completes in place, becoming a new one. Throws `StatusError`. */
export function decideCreation(place: Place, object: KubeObject, author: Author, seen: Seen): Decision<Written> {
  const { kind, namespace } = place;
  const { resourceVersion } = object.metadata;
  if (kind.namespaced) admitToNamespace(kind, object, namespace!, seen.view);
  // What is refused anyway need not be made first; clients hear of what is wrong with it before that.
  if (author.trusted && seen.current) throw taken(kind, seen.current);
  prepareCreate(kind, object, author, seen.context);
  if (resourceVersion && resourceVersion !== '0' && !author.tracked && !author.trusted) {
    if (!seen.context.dryRun)
      throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
    object.metadata.resourceVersion = resourceVersion;
  }
  const { name } = object.metadata;
  if (seen.current?.metadata.name === name) throw taken(kind, seen.current);
  return { ...storing(place, object, seen.now), creates: name };
}

/** Why nothing new gets the name of what is there. */
function taken(kind: Kind, { metadata: { name, deletionTimestamp } }: KubeObject): StatusError {
  const error = alreadyExists(kind, name);
  if (deletionTimestamp) error.status.message = `object is being deleted: ${error.status.message}`;
  return error;
}
