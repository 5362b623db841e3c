/** ControllerRevisions: the templates that a StatefulSet or a DaemonSet has had. Source: pkg/controller/history/controller_history.go. */

import { sameData } from '../../objects/equality.ts';
import type { ControllerRevision, DaemonSet, StatefulSet } from '../../objects/generated/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { claim, controllerReference } from '../owners.ts';
import { dataHash, templateHash } from './template-hash.ts';

const REVISIONS = 'controllerrevisions.apps';
/** Where a pod says which revision it is of; a DaemonSet's revisions say it of themselves. */
export const REVISION_LABEL = 'controller-revision-hash';
const HASH_LABEL = 'controller.kubernetes.io/hash';
export const MAX_PREFIX = 223;

type Owner = DaemonSet | StatefulSet;

/** How a kind names its revisions. */
export interface RevisionNaming {
  /** The label that holds the hash. */
  label: string;
  /** Of the owner's present template, of which `data` is the patch. */
  hash(owner: Owner, data: unknown, collisionCount: number): string;
}

/** Over the template, as a Deployment's sets. Models pkg/controller/daemon/update.go, snapshot. */
export const DAEMON_SET_NAMING: RevisionNaming = {
  label: REVISION_LABEL,
  hash: (owner, _, collisionCount) => templateHash(owner.spec.template, collisionCount || owner.status?.collisionCount),
};

/** Over the patch that leads to the template. */
export const STATEFUL_SET_NAMING: RevisionNaming = {
  label: HASH_LABEL,
  hash: (_, data, collisionCount) => dataHash(data, collisionCount),
};

export interface Revisions {
  /** Of the owner's present template. */
  update: ControllerRevision;
  /** All, the oldest first; `update` among them. */
  all: ControllerRevision[];
  /** Names that were taken by others, for the owner's status; undefined: none ever. */
  collisionCount: number | undefined;
  writes: Write<KubeObject>[];
}

/** The owner's revisions, with one for its present template: a new one, or an old one that becomes the newest again. */
export function revisionsOf(reader: View, owner: Owner, naming: RevisionNaming): Revisions {
  const { namespace } = owner.metadata;
  const { claimed, writes } = claim(owner, owner.spec.selector, reader.list(REVISIONS, namespace));
  const labelled = claimed.map((revision) => withLabel(revision, naming, writes));
  const known = labelled.sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
  const data = { spec: { template: { ...owner.spec.template, $patch: 'replace' } } };
  const newest: number = known.at(-1)?.revision ?? 0;
  const collisionCount: number | undefined = owner.status?.collisionCount;
  const same = known.findLast((revision) => sameData(revision.data, data));
  if (same) {
    if (same.revision === newest) return { update: same, all: known, collisionCount, writes };
    const update = { ...same, revision: newest + 1 };
    const all = [...known.filter((revision) => revision !== same), update];
    return { update, all, collisionCount, writes: [...writes, { verb: 'update', object: update }] };
  }
  const { update, collisions } = newRevision(reader, owner, naming, sorted(data), newest + 1);
  return {
    update,
    all: [...known, update],
    collisionCount: collisions > 0 ? collisions : collisionCount,
    writes: [...writes, { verb: 'create', object: update }],
  };
}

/** A revision from before its kind labelled them is called by its name. */
function withLabel(
  revision: ControllerRevision,
  naming: RevisionNaming,
  writes: Write<KubeObject>[],
): ControllerRevision {
  const { labels = {}, name } = revision.metadata;
  if (naming.label !== REVISION_LABEL || labels[naming.label] !== undefined) return revision;
  const object = { ...revision, metadata: { ...revision.metadata, labels: { ...labels, [naming.label]: name } } };
  writes.push({ verb: 'update', object });
  return object;
}

/** Under a name that is free: a collision changes the hash. */
function newRevision(
  reader: View,
  owner: Owner,
  naming: RevisionNaming,
  data: unknown,
  revision: number,
): { update: ControllerRevision; collisions: number } {
  const { namespace, name, annotations } = owner.metadata;
  for (let collisions: number = owner.status?.collisionCount ?? 0; ; collisions++) {
    const hash = naming.hash(owner, data, collisions);
    const called = `${name.slice(0, MAX_PREFIX)}-${hash}`;
    if (reader.get(REVISIONS, namespace, called)) continue;
    const update: ControllerRevision = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: called,
        namespace: namespace as string,
        labels: { ...owner.spec.template.metadata?.labels, [naming.label]: hash },
        ...(annotations ? { annotations } : {}),
        ownerReferences: [controllerReference(owner)],
      },
      data,
      revision,
    };
    return { update, collisions };
  }
}

/** With its fields in the order in which Go prints a map. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}

/** Deletions of the oldest revisions beyond the limit that nothing uses. */
export function truncated(owner: Owner, { all }: Revisions, inUse: Set<string>): Write<KubeObject>[] {
  const limit: number = owner.spec.revisionHistoryLimit ?? 10;
  const idle = all.filter((revision) => !inUse.has(revision.metadata.name));
  return idle.slice(0, Math.max(0, idle.length - limit)).map((revision) => ({
    verb: 'delete',
    resource: REVISIONS,
    namespace: revision.metadata.namespace as string,
    name: revision.metadata.name,
  }));
}

/** What a DaemonSet's pods of the revision are labelled with. */
export const hashOf = (revision: ControllerRevision): string => revision.metadata.labels?.[REVISION_LABEL] ?? '';

/** A patch that puts a revision's template in the place of another. */
interface RevisionData {
  spec: { template: PodTemplateSpec & { $patch: string } };
}

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as RevisionData).spec.template;
  return template;
}
