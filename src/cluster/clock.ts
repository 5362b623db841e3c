/**
 * How a cluster's clock is read and changed, and what of it is stored. A step goes on in the pump's turns until it is at its target: whoever
 * asked for it waits a while, and is told how far it has come.
 */
import type { ClockChange, ClockState } from '../platform/clusters/clock-state.ts';
import type { ClockSpec } from '../platform/clusters/cluster-spec.ts';
import { type Clock, isStepping, stepping, withSpeed } from '../simulation/clock.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** What is used of a Durable Object's `storage.kv`. */
interface KeyValueStorage {
  get<T>(key: string): T | undefined;
  put(key: string, value: unknown): void;
}

/** The clock, and the speed that it has when it is not paused. */
interface StoredClock {
  clock: Clock;
  speed: number;
}

const KEY = 'clock';

/** For how long the answer to a step waits for its end, real milliseconds: less than what clients and proxies wait. */
export const STEP_ANSWER_MS = 50_000;

/** Undefined: it was never changed. */
export const storedClock = (kv: KeyValueStorage): Clock | undefined => kv.get<StoredClock>(KEY)?.clock;

/** It goes on from `time` at this real instant, as it was made to. */
export function resetClock(kv: KeyValueStorage, time: number, made: ClockSpec, realNow: number): void {
  const clock: Clock = { base: time, anchor: realNow, speed: made.paused ? 0 : made.speed };
  kv.put(KEY, { clock, speed: made.speed } satisfies StoredClock);
}

export class ClusterClock {
  readonly #cluster: SimulatedCluster;
  readonly #kv: KeyValueStorage;
  /** Of a clock that runs. */
  #speed: number;
  #saved: Clock | undefined;
  readonly #went: () => void;
  #waiting: (() => void)[] = [];

  /** `speed` is that of the cluster's making. `went` is told when the time is another than real time alone has made it, or goes on otherwise. */
  constructor(cluster: SimulatedCluster, kv: KeyValueStorage, speed: number, went: () => void = () => undefined) {
    this.#went = went;
    this.#cluster = cluster;
    this.#kv = kv;
    this.#speed = kv.get<StoredClock>(KEY)?.speed ?? speed;
  }

  state(realNow: number): ClockState {
    const { clock } = this.#cluster;
    const time = this.#cluster.now(realNow);
    const { target } = clock;
    return {
      time,
      speed: this.#speed,
      paused: clock.speed === 0,
      ...(target === undefined ? {} : { reached: Math.min(time, target), target }),
      done: !isStepping(clock),
      settled: this.#cluster.idle(realNow) && !this.#cluster.waiting,
    };
  }

  /** A step that is asked for while another is under way makes that one longer; speed and pause hold from its end on. */
  change({ speed, paused, advance }: ClockChange, realNow: number): void {
    const before = this.#cluster.clock;
    this.#speed = speed ?? this.#speed;
    const stopped = paused ?? (speed === undefined && before.speed === 0);
    const changed = withSpeed(before, realNow, stopped ? 0 : this.#speed);
    this.#cluster.clock = advance === undefined ? changed : stepping(changed, realNow, Math.round(advance * 1000));
    this.#save();
    this.#went();
  }

  /** Fulfilled when the clock is where it goes to, or after `milliseconds`. */
  async arrived(milliseconds = STEP_ANSWER_MS): Promise<void> {
    if (!isStepping(this.#cluster.clock)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** After each turn of the pump that began in a step: how far it has come becomes durable with what was done on the way. */
  moved(): void {
    if (this.#saved !== this.#cluster.clock) {
      this.#save();
      this.#went();
    }
    if (isStepping(this.#cluster.clock)) return;
    this.close();
  }

  /** Whoever waits is let go. */
  close(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #save(): void {
    this.#saved = this.#cluster.clock;
    this.#kv.put(KEY, { clock: this.#cluster.clock, speed: this.#speed } satisfies StoredClock);
  }
}
