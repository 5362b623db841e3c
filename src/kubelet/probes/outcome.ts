/** What comes of a probe's attempt or of a hook, and how it is followed while it is under way. */

/** What an attempt finds, in the words that follow `Readiness probe `. */
export interface Fault {
  message: string;
  /** The attempt itself could not be made: nothing is known, so nothing changes. */
  isUnknown?: boolean;
  /** The same in the words of whoever made the attempt. */
  error: string;
  /** What a command has printed. */
  output?: string;
  /** It was answered, though not well. */
  isAnswered?: boolean;
}

export interface Action {
  /** What has come of it by now, undefined: it goes on; the machine has come to this instant. */
  outcome(now: number): { fault: Fault | undefined } | undefined;
  /** When it is over at the latest. */
  readonly deadline: number;
}

export const failed = (words: string, more: Partial<Fault> = {}): Fault => ({
  message: `failed: ${words}`,
  error: words,
  ...more,
});
