/** A deletion in as many commits as watchers of the real server see: where they see the mark first, the end is a commit of its own. */
import { storageKey } from '../../catalog/kinds.ts';
import type { KubeObject } from '../../objects/object.ts';
import { notFound } from '../../objects/status.ts';
import type { DeleteOptions } from '../options.ts';
import { storedText } from '../storage/stored.ts';
import type { Author } from './author.ts';
import type { Decision, Place, Seen } from './decision.ts';
import { type Deletion, decideDeletion } from './deletion.ts';
import { admitDeletion } from './stages.ts';

export interface Removed {
  deletion: Deletion;
  now: number;
}

type NamedPlace = Place & { name: string };

/** The first commit, and mostly the only one. Throws `StatusError`. */
export function decideRemoval(
  place: NamedPlace,
  options: DeleteOptions,
  author: Author,
  seen: Seen,
): Decision<Removed> {
  const { kind, namespace, name } = place;
  const { current, now } = seen;
  if (!current) throw notFound(kind, name);
  const admit = () => admitDeletion(kind, current, author, seen.context);
  const deletion = decideDeletion(kind, current, options, now, admit);
  const { object } = deletion;
  if (deletion.outcome === 'pending') return { operations: [], answer: () => ({ deletion, now }) };
  const key = storageKey(kind, namespace, name);
  const isMark = deletion.outcome === 'marked' || deletion.marked;
  return {
    operations: [isMark ? { put: { key, value: storedText(object, kind) } } : { deleteRange: { key } }],
    answer: (revision) => ({ deletion: { ...deletion, object: endedAt(object, revision) }, now }),
  };
}

/** What is deleted may be what the pump's view shares: it gets its last version in a copy. */
const endedAt = (object: KubeObject, revision: number): KubeObject =>
  revision > 0 ? { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } } : object;

/** Whether another commit must follow. */
export const isUnfinished = ({ deletion }: Removed): boolean => deletion.outcome === 'deleted' && deletion.marked;

/** The end of what was marked by the commit before. */
export const decideEnd = (
  { kind, namespace, name }: NamedPlace,
  { deletion }: Removed,
  seen: Seen,
): Decision<Removed> => ({
  operations: seen.current ? [{ deleteRange: { key: storageKey(kind, namespace, name) } }] : [],
  answer: (revision) => ({ deletion: { ...deletion, object: endedAt(deletion.object, revision) }, now: seen.now }),
});
