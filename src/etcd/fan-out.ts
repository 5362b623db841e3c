/** Commits on their way to the watches, all of whom are told the same: each event is encoded once, and what waits is bounded. */

import type { Commit } from './commits.ts';
import { eventBytes, isWanted, wantsPrevious } from './history.ts';
import type { WatchEvent, WatchRequest } from './types.ts';
import { encodeBatch, encodeEvent, WINDOW } from './watch-wire.ts';

/** Characters of events that wait while earlier ones are sent. Beyond that they are left to the log. */
export const MAX_WAITING = 2 * WINDOW;
/** Of an event, beside its keys and values. */
const EVENT_BYTES = 200;
/** With no more events than this it is quicker to look at them than to find out what others were told who want the same. */
const FEW_EVENTS = 8;
/** Characters of messages that are kept for whoever else wants the same. */
export const MAX_KNOWN = 2 * WINDOW;

export class FanOut<Socket, Watching> {
  readonly first: number;
  /** How many are not reached yet, at the most. */
  left = 0;
  #toReach: Iterator<[Socket, Watching], undefined> | undefined;
  #revision = 0;
  #events: WatchEvent[] | undefined = [];
  #bytes = 0;
  #messages: Messages | undefined;

  constructor(commits: Commit[]) {
    this.first = commits[0]!.revision;
    this.add(commits);
  }

  /** The last that it tells of. */
  get revision(): number {
    return this.#revision;
  }

  /** None if they were too many to wait. */
  get events(): readonly WatchEvent[] {
    return this.#events ?? [];
  }

  get hasBegun(): boolean {
    return this.#toReach !== undefined;
  }

  /** Those who come later are met only in the place of others who have gone: whoever is met must know what it has had. */
  begin(watches: ReadonlyMap<Socket, Watching>): void {
    if (this.#toReach) return;
    this.#toReach = watches.entries();
    this.left = watches.size;
  }

  next(): [Socket, Watching] | undefined {
    this.left--;
    return this.#toReach!.next().value;
  }

  /** Commits that follow; only before it begins. */
  add(commits: Commit[]): void {
    this.#revision = commits[commits.length - 1]!.revision;
    for (const event of commits.flatMap(({ events }) => events)) {
      this.#events?.push(event);
      this.#bytes += eventBytes(event) + EVENT_BYTES;
    }
  }

  /** It has to wait: too much of it is left to the log. */
  wait(): void {
    if (this.#bytes > MAX_WAITING) this.#events = undefined;
  }

  /** What a watch is sent from a revision on: undefined is nothing, and null that it has to read the log. */
  messageFor(watch: WatchRequest, from: number): string | null | undefined {
    if (!this.#events) return from > this.#revision ? undefined : null;
    this.#messages ??= new Messages(this.#revision, this.#events);
    return this.#messages.for(watch, from);
  }
}

/** What many watchers of a thing want is put together once. */
class Messages {
  readonly #revision: number;
  readonly #events: WatchEvent[];
  readonly #plain: string[] = [];
  readonly #withPrevious: string[] = [];
  readonly #known = new Map<string, string | null | undefined>();
  #characters = 0;

  constructor(revision: number, events: WatchEvent[]) {
    this.#revision = revision;
    this.#events = events;
  }

  for(watch: WatchRequest, from: number): string | null | undefined {
    if (this.#events.length <= FEW_EVENTS && !this.#events.some((event) => isWanted(watch, event))) return undefined;
    const { key, rangeEnd, prevKv, filters } = watch;
    const late = from > this.#events[0]!.kv.modRevision ? from : 0;
    const name = JSON.stringify([key, rangeEnd, late, prevKv, filters]);
    const known = this.#known.get(name);
    if (known !== undefined || this.#known.has(name)) return known;
    const message = this.#make(watch, late);
    this.#characters += message?.length ?? 0;
    if (!message || this.#characters <= MAX_KNOWN) this.#known.set(name, message);
    return message;
  }

  #make(watch: WatchRequest, from: number): string | null | undefined {
    const wanted: string[] = [];
    let characters = 0;
    for (const [i, event] of this.#events.entries()) {
      if (event.kv.modRevision < from || !isWanted(watch, event)) continue;
      const texts = wantsPrevious(watch, event) ? this.#withPrevious : this.#plain;
      texts[i] ??= encodeEvent(event, texts === this.#withPrevious);
      wanted.push(texts[i]!);
      characters += texts[i]!.length;
      if (characters > WINDOW) return null;
    }
    return wanted.length > 0 ? encodeBatch(this.#revision, wanted) : undefined;
  }
}
