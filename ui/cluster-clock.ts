/** The cluster's own time, told between two looks at it by its speed. */
import type { Clock } from './platform.gen.ts';

type Shown = Pick<Clock, 'time' | 'speed' | 'paused'>;

export class ClusterClock {
  #clock: Shown | undefined;
  #at = 0;

  /** `now`: real time, milliseconds, as in `time`. */
  set(clock: Shown, now: number): void {
    this.#clock = clock;
    this.#at = now;
  }

  /** Milliseconds since 1970 in the cluster; real time while nothing is known. */
  time(now: number): number {
    if (!this.#clock) return now;
    const { time, speed, paused } = this.#clock;
    return Date.parse(time) + (paused ? 0 : (now - this.#at) * speed);
  }

  /** `14:02:07`, with what is particular about it: `paused`, `×60`. */
  text(now: number): string {
    if (!this.#clock) return '';
    const { speed, paused } = this.#clock;
    const shown = new Date(this.time(now)).toISOString().slice(11, 19);
    return `${shown}${paused ? ' paused' : speed === 1 ? '' : ` ×${speed}`}`;
  }
}
