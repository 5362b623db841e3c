/** A cluster's clock as the platform and its object tell each other of it. */

import type { StoryCommit } from '../../objects/story.ts';

/** What a cluster's clock is asked to do. */
export interface ClockChange {
  /** Times real time. */
  speed?: number | undefined;
  paused?: boolean | undefined;
  /** Seconds to go forward at once. */
  advance?: number | undefined;
  /** To go forward to the next instant at which something is due. */
  next?: boolean | undefined;
}

export interface ClockState {
  /** The cluster's time, milliseconds since 1970. */
  time: number;
  speed: number;
  paused: boolean;
  /** The end of the last step and how far it has come, if there ever was one. */
  target?: number;
  reached?: number;
  /** Whether no step is under way. */
  done: boolean;
  /** Whether nothing is left to be done at this time: all that was asked for has had its consequences, but for those of a later time. */
  settled: boolean;
  /** After a step to the next instant: what was written then, as far as it is told. */
  did?: StoryCommit[];
}
