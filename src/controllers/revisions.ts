/** ControllerRevisions: the templates that a StatefulSet or a DaemonSet has had. Source: pkg/controller/history/controller_history.go. */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, Write } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { controllerReference, isControlledBy } from './owners.ts';
import { dataHash } from './template-hash.ts';

const REVISIONS = 'controllerrevisions.apps';
const HASH_LABEL = 'controller.kubernetes.io/hash';

export interface Revisions {
  /** Of the owner's present template. */
  update: KubeObject;
  /** All, the oldest first; `update` among them. */
  all: KubeObject[];
  writes: Write<KubeObject>[];
}

/** The owner's revisions, with one for its present template: a new one, or an old one that becomes the newest again. */
export function revisionsOf(reader: Reader<KubeObject>, owner: KubeObject): Revisions {
  const { namespace, name } = owner.metadata;
  const known = reader
    .list(REVISIONS, namespace)
    .filter((revision) => isControlledBy(revision, owner))
    .sort((a, b) => a.revision - b.revision);
  const data = { spec: { template: { ...owner.spec.template, $patch: 'replace' } } };
  const newest: number = known.at(-1)?.revision ?? 0;
  const same = known.findLast((revision) => sameJson(revision.data, data));
  if (same) {
    if (same.revision === newest) return { update: same, all: known, writes: [] };
    const update = { ...same, revision: newest + 1 };
    const all = [...known.filter((revision) => revision !== same), update];
    return { update, all, writes: [{ verb: 'update', object: update }] };
  }
  const hash = dataHash(data, owner.status?.collisionCount || undefined);
  const update: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace: namespace as string,
      labels: { ...owner.spec.template.metadata?.labels, [HASH_LABEL]: hash },
      ...(owner.metadata.annotations ? { annotations: owner.metadata.annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: newest + 1,
  };
  return { update, all: [...known, update], writes: [{ verb: 'create', object: update }] };
}

/** Deletions of the oldest revisions beyond the limit that nothing uses. */
export function truncated(owner: KubeObject, { all }: Revisions, inUse: Set<string>): Write<KubeObject>[] {
  const limit: number = owner.spec.revisionHistoryLimit ?? 10;
  const idle = all.filter((revision) => !inUse.has(revision.metadata.name));
  return idle.slice(0, Math.max(0, idle.length - limit)).map((revision) => ({
    verb: 'delete',
    resource: REVISIONS,
    namespace: revision.metadata.namespace as string,
    name: revision.metadata.name,
  }));
}

export const hashOf = (revision: KubeObject): string => revision.metadata.labels?.[HASH_LABEL] ?? '';

/** The template that a revision holds. */
export function templateOf(revision: KubeObject): any {
  const { $patch: _, ...template } = revision.data.spec.template;
  return template;
}
