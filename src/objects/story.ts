/** The story of an object: every write of its life, what caused them, and what came of it. */
import type { PatchOperation } from './json-diff.ts';

export interface StoryObject {
  /** `pods`, `deployments.apps`. */
  resource: string;
  namespace?: string;
  name: string;
}

/** Who wrote, and why. */
export type StoryAuthor =
  | { kind: 'client'; method: string; path: string; user: string; userAgent: string }
  | {
      kind: 'component';
      /** As kube-controller-manager names it. */
      name: string;
      /** What it reconciled, usually `namespace/name`. */
      key: string;
      /** The process that it is part of. */
      manager: string;
      /** The change that it had heard of; absent where an instant had come, or an answer that it had waited for. */
      woken?: StoryObject & { revision: number };
    }
  /** With the cluster's making. */
  | { kind: 'cluster' }
  /** A client of etcd's own, the end of a lease, or nobody knows any more. */
  | { kind: 'unknown' };

/**
 * `object`: the object itself was written. `cause`: a write that led to one of these, or made an owner. `event`: an Event that tells of the
 * object. `consequence`: written by one who had heard of a change of the object.
 */
export type StoryRelation = 'object' | 'cause' | 'event' | 'consequence';

/** What a kubelet had its node's container runtime do, or heard of it, as its write tells. */
export interface StoryCall {
  from: 'kubelet' | 'containerd' | 'CNI';
  to: 'kubelet' | 'containerd' | 'CNI';
  text: string;
}

export interface StoryWrite {
  revision: number;
  /** The cluster's time, milliseconds; absent where the cause is not known. */
  time?: number;
  relation: StoryRelation;
  verb: 'create' | 'update' | 'delete';
  object: StoryObject;
  /** The revision that it replaced; absent of a creation. */
  from?: number;
  by: StoryAuthor;
  /** The first revision of all that its author wrote in one go. */
  run: number;
  /** What it changed; absent where that is not known, or all of them would be too much. */
  diff?: PatchOperation[];
  /** Before the kubelet wrote it. */
  calls?: StoryCall[];
}

export interface Story {
  object: StoryObject & { uid?: string };
  /** Its creation is in it, and all that has happened since. */
  complete: boolean;
  /** Writes of the object before this revision have been left out. */
  before?: number;
  /** Something was left out of what led to it or came of it. */
  cut: boolean;
  /** In the order of their revisions. */
  writes: StoryWrite[];
}

/** One revision of the store. */
export interface StoryCommit {
  revision: number;
  time?: number;
  by: StoryAuthor;
  run: number;
  changes: { verb: StoryWrite['verb']; object: StoryObject }[];
}

/** What became of an object between two revisions of the store. */
export interface StoryDiff {
  object: StoryObject;
  from: number;
  to: number;
  diff: PatchOperation[];
}
