/** What the platform asks a cluster's object of its past. */

export type StoryQuestion =
  /** The story of an object, e.g. `pods/default/web-1`; see `StoryOptions`. Answered by a `Story`. */
  | {
      what: 'story';
      object: string;
      at?: number | undefined;
      before?: number | undefined;
      managedFields?: boolean | undefined;
    }
  /** What became of an object from one revision of the store to another; `from`: the one before what it is at `to`, unless said. Answered by a `StoryDiff`. */
  | {
      what: 'diff';
      object: string;
      from?: number | undefined;
      to?: number | undefined;
      managedFields?: boolean | undefined;
    }
  /** What was committed from a revision on, at most so many changes. Answered by lines of a `StoryCommit` each. */
  | { what: 'commits'; from: number; limit: number };

/** `unknown`: why there is no answer. `off`: the cluster does not keep what it takes. `gone`: history does not reach so far. */
export type StoryAnswer = { text: string } | { off: true } | { unknown: string } | { gone: string };
