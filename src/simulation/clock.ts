/**
 * The cluster's time: real time, faster, slower, or stopped and stepped by hand. A clock is plain data that the cluster stores;
 * all instants are milliseconds since 1970.
 *
 * A step has a target. Until the clock is there, and all that is due there is done, it stands at the instant up to which everything due has
 * been done, whatever real time does; then it goes on as before. It never goes back, and stands still at the end of the year 9999.
 */
export interface Clock {
  /** The cluster's time at `anchor`. */
  base: number;
  /** The real time at which the cluster's time was `base`. */
  anchor: number;
  /** Cluster milliseconds for each real one; 0 is a paused clock. */
  speed: number;
  /** Where the last step goes to. */
  target?: number;
  /** Whether that step is still under way. */
  stepping?: boolean;
}

/** What Kubernetes' timestamps and JavaScript's can both say. */
export const MIN_TIME = 0;
export const MAX_TIME = Date.parse('9999-12-31T23:59:59.999Z');

export const isTime = (instant: number): boolean =>
  Number.isInteger(instant) && instant >= MIN_TIME && instant <= MAX_TIME;

/** Runs with real time. */
export const realClock = (realNow: number): Clock => ({ base: realNow, anchor: realNow, speed: 1 });

export const isStepping = (clock: Clock): boolean => clock.stepping === true;

export const clusterTime = (clock: Clock, realNow: number): number =>
  isStepping(clock) ? clock.base : Math.min(MAX_TIME, Math.floor(clock.base + (realNow - clock.anchor) * clock.speed));

/** The real instant at which the cluster's time reaches `time`; undefined when it never does: the clock stands. */
export function realTime(clock: Clock, time: number): number | undefined {
  if (clock.speed === 0 || time > MAX_TIME || isStepping(clock)) return undefined;
  return Math.ceil(clock.anchor + (time - clock.base) / clock.speed);
}

/** The same instant, going on at another speed: a step under way first comes to its end. */
export const withSpeed = (clock: Clock, realNow: number, speed: number): Clock => ({
  ...clock,
  base: clusterTime(clock, realNow),
  anchor: realNow,
  speed,
});

/** Moved to `time` at once; a clock never goes back. */
export const advancedTo = (clock: Clock, realNow: number, time: number): Clock => ({
  ...clock,
  base: Math.max(Math.min(time, MAX_TIME), clusterTime(clock, realNow)),
  anchor: realNow,
});

/** On its way `by` milliseconds further than it is, or than it goes already. */
export function stepping(clock: Clock, realNow: number, by: number): Clock {
  const base = clusterTime(clock, realNow);
  const from = isStepping(clock) ? clock.target! : base;
  return { ...clock, base, anchor: realNow, target: Math.min(from + by, MAX_TIME), stepping: true };
}

/** Goes on as before the step. */
export const arrived = (clock: Clock, realNow: number): Clock => ({ ...clock, anchor: realNow, stepping: false });
