/** What a cluster's object answers when it is asked for its past. */
import { ETCD_ERRORS, EtcdError } from '../etcd/errors.ts';
import { changesBetween, changesOfKey } from '../etcd/key-history.ts';
import type { Log } from '../etcd/log.ts';
import type { Store } from '../etcd/store.ts';
import { jsonDiff } from '../objects/json-diff.ts';
import type { StoryCommit, StoryDiff } from '../objects/story.ts';
import type { StoryAnswer, StoryQuestion } from '../platform/story/question.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { storyOf } from './story.ts';
import { type Named, objectNamed, shownValue } from './story-objects.ts';
import { authorOf, changeOf } from './story-writes.ts';

type Told = Pick<SimulatedCluster, 'store' | 'catalog'>;

export function answerStory(cluster: Told, question: StoryQuestion): StoryAnswer {
  try {
    if (question.what === 'commits') return commits(cluster, question);
    const object = objectNamed(cluster.catalog, question.object);
    if (!object) return { unknown: 'object: no resource of the cluster is named so' };
    return question.what === 'story' ? story(cluster, object, question) : diff(cluster, object, question);
  } catch (error) {
    // A revision that is compacted, or still to come.
    if (error instanceof EtcdError) return { gone: error.message };
    throw error;
  }
}

type Question<What> = Extract<StoryQuestion, { what: What }>;

function story({ store, catalog }: Told, object: Named, { at, before, managedFields }: Question<'story'>): StoryAnswer {
  if (!store.causes) return { off: true };
  const told = storyOf(store, catalog, object, { at, before, managedFields });
  return told ? { text: JSON.stringify(told) } : { unknown: 'object: the history of the cluster has no such object' };
}

function diff(
  { store }: Told,
  object: Named,
  { from, to = store.revision, managedFields }: Question<'diff'>,
): StoryAnswer {
  const { key, kind, ...shown } = object;
  const at = (revision: number) => (revision > 0 ? store.range({ key, revision }).kvs[0] : undefined);
  const after = at(to);
  const since = from ?? store.reading((log) => beforeLast(log, key, to));
  const before = at(since);
  if (!after && !before) return { unknown: 'object: it was there at neither of the revisions' };
  const [old, now] = [before, after].map((kv) => kv && shownValue(kind, kv, managedFields ?? false));
  const { resource, namespace, name } = shown;
  const told: StoryDiff = {
    object: { resource, ...(namespace === undefined ? {} : { namespace }), name },
    from: since,
    to,
    diff: jsonDiff(old, now),
  };
  return { text: JSON.stringify(told) };
}

/** The revision before a key's last change up to another one. */
function beforeLast(log: Log, key: string, to: number): number {
  for (const { kv } of changesOfKey(log, key)) if (kv.modRevision <= to) return kv.modRevision - 1;
  return to;
}

function commits(cluster: Told, { from, limit }: Question<'commits'>): StoryAnswer {
  if (from < cluster.store.compactRevision) throw ETCD_ERRORS.compacted();
  return {
    text: commitsFrom(cluster, from, limit)
      .map((commit) => `${JSON.stringify(commit)}\n`)
      .join(''),
  };
}

/** What the revisions from one on have changed, so many changes of them. */
export function commitsFrom({ store, catalog }: Told, from: number, limit: number): StoryCommit[] {
  const told = new Map<number, StoryCommit>();
  for (const event of store.reading((log) => changesBetween(log, from, store.revision, limit))) {
    const revision = event.kv.modRevision;
    const commit = told.get(revision) ?? commitOf(store, revision);
    commit.changes.push(changeOf(catalog, event));
    told.set(revision, commit);
  }
  return [...told.values()];
}

function commitOf({ causes }: Store, revision: number): StoryCommit {
  const span = causes?.spanOf(revision);
  const time = span && span.cause.kind !== 'unknown' ? { time: span.cause.at } : {};
  return { revision, ...time, by: authorOf(span?.cause), run: span?.from ?? revision, changes: [] };
}
