/**
 * The cluster's time: real time, faster, slower, or stopped and stepped by hand. A clock is plain data that the cluster stores;
 * all instants are milliseconds since 1970.
 */
export interface Clock {
  /** The cluster's time at `anchor`. */
  base: number;
  /** The real time at which the cluster's time was `base`. */
  anchor: number;
  /** Cluster milliseconds for each real one; 0 is a paused clock. */
  speed: number;
}

/** Runs with real time. */
export const realClock = (realNow: number): Clock => ({ base: realNow, anchor: realNow, speed: 1 });

export const clusterTime = (clock: Clock, realNow: number): number =>
  Math.floor(clock.base + (realNow - clock.anchor) * clock.speed);

/** The real instant at which the cluster's time reaches `time`; undefined when it never does, because the clock is paused. */
export function realTime(clock: Clock, time: number): number | undefined {
  if (clock.speed === 0) return undefined;
  return Math.ceil(clock.anchor + (time - clock.base) / clock.speed);
}

/** The same instant, going on at another speed. */
export const withSpeed = (clock: Clock, realNow: number, speed: number): Clock => ({
  base: clusterTime(clock, realNow),
  anchor: realNow,
  speed,
});

/** Moved to `time` at once; a clock never goes back. */
export const advancedTo = (clock: Clock, realNow: number, time: number): Clock => ({
  base: Math.max(time, clusterTime(clock, realNow)),
  anchor: realNow,
  speed: clock.speed,
});
