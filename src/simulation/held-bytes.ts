/**
 * What is held for clients that send slowly or do not read: bodies that are still coming, answers and events that nobody has taken.
 * All clusters of a process draw on one bounded amount. A cluster may hold as much as is left free, and one that holds nothing any of what is
 * free: so of N clusters that take what they get each has an (N+1)th part, and as much is left for whoever comes next (the dynamic
 * thresholds of Choudhury and Hahne). Who finds no room waits, is refused in the end, and makes those give way who do not move.
 *
 * A client that goes away may take with it the code that would give back what it held. So what is held lasts for a lease, which its
 * code renews as long as it runs. Times are milliseconds.
 */

/** Bytes of bodies and answers that a process holds. What is made of them on the way takes two or three times as much. */
export const MAX_HELD_BYTES = 24 * 1024 * 1024;
/** The same of the process for heavy work, where every byte becomes many: objects, and texts in other forms. */
export const MAX_WORK_BYTES = 8 * 1024 * 1024;
/** Characters of watches' messages that the objects of a process have sent and whose readers have not taken them. */
export const MAX_UNTAKEN_CHARACTERS = 12 * 1024 * 1024;
/** Characters that a process has sent over WebSockets that are still open: nobody tells how many of them were read. */
export const MAX_SENT_CHARACTERS = 48 * 1024 * 1024;
/** Bytes that are too few to be asked for: what a client does not read of so much is in the system's buffers. */
export const LIGHT_BYTES = 64 * 1024;
/** For how long one waits for room; the real server's requests wait as long in their queues. */
export const ROOM_WAIT_MS = 15_000;
/** The same for whoever holds something that others wait for. */
export const HOLDER_WAIT_MS = 3000;
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 200;
/** Who sends or takes less than `MOVE_BYTES` in this time is ended while others wait for room. */
export const STALLED_MS = 5000;
export const MOVE_BYTES = 64 * 1024;
/** For how long what is held counts without being renewed. */
export const LEASE_MS = 8000;
/** The same of what an object has sent to watches: it may sleep meanwhile, and renews it whenever it sends or hears of one. */
export const UNTAKEN_LEASE_MS = 300_000;
const RENEWAL_MS = 1000;
/** For how long after a refusal there is said to be no room: whoever waits looks again before. */
const SHORT_MS = 3 * LAST_LOOK_MS;

export class HeldBytes {
  readonly limit: number;
  readonly #holdings = new Set<Holding>();
  readonly #byOwner = new Map<string, number>();
  #total = 0;
  #shortUntil = Number.NEGATIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(limit: number) {
    this.limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  /** What an owner holds of it. */
  of(owner: string): number {
    return this.#byOwner.get(owner) ?? 0;
  }

  /** `owner`: the cluster, or whoever else is to have a part of its own. `leaseMs`: for what renews itself seldom. */
  open(owner: string, now: () => number = Date.now, leaseMs = LEASE_MS): Holding {
    return new Holding(this, owner, now, leaseMs);
  }

  fits(owner: string, bytes: number, now: number): boolean {
    if (this.#hasRoom(owner, bytes)) return true;
    this.#sweep(now);
    if (this.#hasRoom(owner, bytes)) return true;
    this.#shortUntil = now + SHORT_MS;
    return false;
  }

  #hasRoom(owner: string, bytes: number): boolean {
    return this.of(owner) + bytes <= this.limit - this.#total;
  }

  /** Whether somebody waits for room. */
  isShort(now: number): boolean {
    return now < this.#shortUntil;
  }

  /** Of a holding, which then holds so much more or less. */
  changed(holding: Holding, by: number): void {
    this.#total += by;
    const own = this.of(holding.owner) + by;
    if (own > 0) this.#byOwner.set(holding.owner, own);
    else this.#byOwner.delete(holding.owner);
    if (holding.counted > 0) this.#holdings.add(holding);
    else this.#holdings.delete(holding);
  }

  #sweep(now: number): void {
    if (now < this.#sweptAt + RENEWAL_MS) return;
    this.#sweptAt = now;
    for (const holding of this.#holdings) holding.lapse(now);
  }
}

/** What one request, stream or object holds. */
export class Holding {
  readonly owner: string;
  readonly #pool: HeldBytes;
  readonly #now: () => number;
  readonly #leaseMs: number;
  #bytes = 0;
  /** What of it the pool knows of: none after the lease has ended. */
  #counted = 0;
  #renewedAt: number;
  #movedAt: number;
  #moved = 0;

  constructor(pool: HeldBytes, owner: string, now: () => number, leaseMs: number) {
    this.#pool = pool;
    this.owner = owner;
    this.#now = now;
    this.#leaseMs = leaseMs;
    this.#renewedAt = now();
    this.#movedAt = this.#renewedAt;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get counted(): number {
    return this.#counted;
  }

  /** Whether there is room for so much more. */
  fits(bytes: number): boolean {
    return this.#pool.fits(this.owner, bytes, this.#now());
  }

  /** Holds so much more, if there is room for it. */
  take(bytes: number): boolean {
    // What is larger than any share may be held by whoever holds nothing else.
    if (!this.fits(Math.min(bytes, this.#pool.limit / 2))) return false;
    this.hold(bytes);
    return true;
  }

  /** The same, but that what is light is held in any case. */
  takeHeavy(bytes: number): boolean {
    if (this.#bytes + bytes > LIGHT_BYTES) return this.take(bytes);
    this.hold(bytes);
    return true;
  }

  /** Holds so much more, whether or not there is room. */
  hold(bytes: number): void {
    if (this.#bytes === 0) this.#movedAt = this.#now();
    this.#bytes += bytes;
    this.renew();
  }

  /** Waits for room. @returns whether it came in time */
  async wait(bytes: number): Promise<boolean> {
    const until = this.#now() + (this.#bytes > 0 ? HOLDER_WAIT_MS : ROOM_WAIT_MS);
    for (let pause = FIRST_LOOK_MS; !this.take(bytes); pause = Math.min(2 * pause, LAST_LOOK_MS)) {
      if (this.#now() >= until) return false;
      // Requests must not wake one another, so each looks for itself.
      await new Promise((resolve) => setTimeout(resolve, pause));
      this.renew();
    }
    return true;
  }

  /** Waits for room for what is not light. @returns whether it came in time */
  async waitHeavy(bytes: number): Promise<boolean> {
    if (this.#bytes + bytes > LIGHT_BYTES) return this.wait(bytes);
    this.hold(bytes);
    return true;
  }

  /** Another of the same owner, which is held and given back by itself. */
  beside(leaseMs = this.#leaseMs): Holding {
    return this.#pool.open(this.owner, this.#now, leaseMs);
  }

  /** Holds so much less; nothing any more unless said. */
  give(bytes = this.#bytes): void {
    this.#bytes -= Math.min(bytes, this.#bytes);
    this.renew();
  }

  /** The client has sent or taken so much. */
  moved(bytes: number): void {
    this.#moved += bytes;
    if (this.#moved < MOVE_BYTES) return;
    this.#moved = 0;
    this.#movedAt = this.#now();
  }

  /** Whether it is to give way: its client does not move, and others wait. */
  get isStalled(): boolean {
    const now = this.#now();
    return this.#bytes > 0 && now >= this.#movedAt + STALLED_MS && this.#pool.isShort(now);
  }

  /** The code that holds it runs. */
  renew(): void {
    this.#renewedAt = this.#now();
    this.#count(this.#bytes);
  }

  lapse(now: number): void {
    if (now >= this.#renewedAt + this.#leaseMs) this.#count(0);
  }

  #count(bytes: number): void {
    const by = bytes - this.#counted;
    if (by === 0) return;
    this.#counted = bytes;
    this.#pool.changed(this, by);
  }

  /** Renews it until the way back is taken; `end` is called once, if it is to give way. */
  attend(end: () => void): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const look = (): void => {
      this.renew();
      if (this.isStalled) end();
      else timer = setTimeout(look, RENEWAL_MS);
    };
    timer = setTimeout(look, RENEWAL_MS);
    return () => clearTimeout(timer);
  }
}

/** Bodies and answers. */
export const heldBytes = new HeldBytes(MAX_HELD_BYTES);
/** The same, in the process for heavy work. */
export const workBytes = new HeldBytes(MAX_WORK_BYTES);
/** Messages between objects and the readers of their watches. */
export const untakenCharacters = new HeldBytes(MAX_UNTAKEN_CHARACTERS);
/** What was sent over WebSockets. */
export const sentCharacters = new HeldBytes(MAX_SENT_CHARACTERS);
