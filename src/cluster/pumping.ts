/** When a cluster's pump has its turns, and for when the object's alarm is set. */
import { isStepping } from '../simulation/clock.ts';
import { TURN_LIMITS, TurnBudget } from '../simulation/turn-budget.ts';
import { ClusterAlarm } from './alarm.ts';
import { issuedTokens } from './issued-tokens.ts';
import type { Running } from './running.ts';
import { RECONCILE_UNITS, type WorkBudget } from './work.ts';

/** Work that a crash interrupted goes on after so many real milliseconds. Longer than most of it takes, so that few alarms are set. */
const RESUME_MS = 2000;
/** For how long whoever waits for the cluster to come to rest waits, and how often it is looked, real milliseconds. */
const SETTLE_MS = 5000;
const SETTLE_POLL_MS = 1;

/** What pumping needs of the object. */
interface Host {
  /** The cluster as it is now; undefined: there is none. */
  running(): Running | undefined;
  /** The cluster's time on the platform has run out. */
  over(): void;
  work: WorkBudget;
  storage: DurableObjectStorage;
}

export class Pumping {
  readonly #host: Host;
  readonly #alarm: ClusterAlarm;
  /** Whether a turn is to come. */
  #pumping = false;

  constructor(host: Host) {
    this.#host = host;
    this.#alarm = new ClusterAlarm(host.storage);
  }

  /** After the object has come back to memory. */
  awoke(running: Running): void {
    const now = Date.now();
    // An idle cluster's alarm is still set from before.
    if (running.cluster.idle(now)) this.#alarm.isSet(nextAlarm(running, now));
    // The alarm that was set beforehand is still to ring, if it is not what has brought this object back.
    else this.#soon();
  }

  /** After the alarm has rung, for whatever is to be done. */
  rang(): void {
    this.committed();
    this.afterWork();
  }

  /** The alarm has begun to ring. */
  ringing(): void {
    this.#alarm.rang();
  }

  /** When the cluster or one of its tokens ends has changed. */
  rescheduled(running: Running): void {
    this.#alarm.ringBy(nextAlarm(running, Date.now()));
  }

  /**
   * Has the alarm set beforehand, in the very commit that brings work: if the process ends before the pump has had its turn, the alarm
   * goes on with what is left.
   */
  committed(): void {
    const running = this.#host.running();
    const now = Date.now();
    if (!running || this.#alarm.isSetBy(now + RESUME_MS)) return;
    const { life, cluster } = running;
    if (!cluster.idle(now)) this.#alarm.ringBy(Math.min(now + RESUME_MS, life.spec.expiresAt));
  }

  /** Fulfilled when nothing is to be done at this instant, or after a while. */
  async settled(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while (!(this.#host.running()?.cluster.idle(Date.now()) ?? true) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }

  /** Pumps in a task of its own while there is work, so that requests get in between; then sets the alarm for what is due later. */
  afterWork(): void {
    const running = this.#host.running();
    if (this.#pumping || !running) return;
    const { cluster, compaction } = running;
    const realNow = Date.now();
    compaction.check(cluster.now(realNow));
    if (cluster.idle(realNow)) {
      cluster.store.causes?.keep(cluster.store.compactRevision);
      this.#alarm.ringBy(nextAlarm(running, realNow));
      return;
    }
    this.committed();
    this.#soon();
  }

  #soon(): void {
    this.#pumping = true;
    setTimeout(() => {
      this.#pumping = false;
      const running = this.#host.running();
      // A cluster that never comes to rest has no alarm that would end it.
      if (running && isOver(running)) this.#host.over();
      else if (running) this.#turn(running);
    }, this.#host.work.pause(Date.now()));
  }

  #turn({ cluster, clock, hub }: Running): void {
    const isStep = isStepping(cluster.clock);
    const budget = new TurnBudget(TURN_LIMITS, Date.now);
    cluster.pumpTurn(Date.now(), budget);
    this.#host.work.spend(budget.pieces * RECONCILE_UNITS, Date.now());
    if (isStep) clock.moved();
    hub.flush();
    this.afterWork();
  }
}

/** Whether the cluster's time on the platform has run out. */
export const isOver = ({ life }: Running): boolean => life.spec.expiresAt <= Date.now();

/** The real instant at which there is work even if nobody writes. */
const nextAlarm = ({ life, cluster }: Running, now: number): number =>
  Math.min(
    cluster.nextDue(now) ?? Number.POSITIVE_INFINITY,
    life.listedBy ?? life.spec.expiresAt,
    life.spec.expiresAt,
    ...issuedTokens(life, now).map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY),
  );
