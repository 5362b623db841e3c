/**
 * How many pods of each kind there are in each domain of a topology: counted once, and kept as pods come and go, since a scheduler that
 * looked at all pods for each pod would take the longer for one the more there are.
 */
import type { AffinityTerm, PodInfo } from './pod-info.ts';

/** What pods are counted by; one object for the same, so that all count them once. */
export interface PodQuestion {
  counts(pod: PodInfo): boolean;
  /** What it answers may change with more than pods. */
  isPassing?: boolean;
}

/** Where pods are: a node, with its labels. */
export interface Place {
  readonly labels: Readonly<Record<string, string>>;
  readonly pods: readonly PodInfo[];
  /** How many of its pods count. */
  count(question: PodQuestion): number;
}

/** How many there are in the domain that has this value, and in all. */
export interface Counts {
  of(value: string): number;
  readonly total: number;
}

/** Pods that count, by the values of one label of their nodes. */
export interface Tally extends Counts {
  /** The values that some node has, with those that have no such pod. */
  readonly domains: number;
  /** The least of all domains. */
  least(): number;
  entries(): Iterable<[value: string, count: number]>;
}

class KeptTally implements Tally {
  readonly #question: PodQuestion;
  readonly #key: string;
  readonly #counts = new Map<string, number>();
  total = 0;

  constructor(question: PodQuestion, key: string, places: readonly Place[]) {
    this.#question = question;
    this.#key = key;
    for (const place of places) this.#add(place, place.count(question));
  }

  #add({ labels }: Place, count: number): void {
    const value = labels[this.#key];
    if (value === undefined) return;
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + count);
    this.total += count;
  }

  changed(place: Place, pod: PodInfo, by: 1 | -1): void {
    if (this.#question.counts(pod)) this.#add(place, by);
  }

  of(value: string): number {
    return this.#counts.get(value) ?? 0;
  }

  get domains(): number {
    return this.#counts.size;
  }

  least(): number {
    return leastOf(this.#counts);
  }

  entries(): Iterable<[string, number]> {
    return this.#counts;
  }
}

/** The least that there is in a domain; more than any number where there is no domain. */
export function leastOf(entries: Iterable<[value: string, count: number]>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [, count] of entries) if (count < least) least = count;
  return least;
}

/** Counts as they would be with so many more in one domain. */
class ChangedCounts implements Counts {
  protected readonly before: Counts;
  protected readonly value: string;
  protected readonly by: number;

  constructor(before: Counts, value: string, by: number) {
    this.before = before;
    this.value = value;
    this.by = by;
  }

  of(value: string): number {
    return this.before.of(value) + (value === this.value ? this.by : 0);
  }

  get total(): number {
    return this.before.total + this.by;
  }
}

class ChangedTally extends ChangedCounts implements Tally {
  declare protected readonly before: Tally;

  get domains(): number {
    return this.before.domains;
  }

  least(): number {
    return leastOf(this.entries());
  }

  *entries(): Generator<[string, number]> {
    for (const [value, count] of this.before.entries()) yield [value, value === this.value ? count + this.by : count];
  }
}

/** One rule that pods on nodes have about others, and how many have it in each domain. */
export interface HeldTerm {
  kind: TermKind;
  term: AffinityTerm;
  counts: Counts;
}

export type TermKind = 'requiredAffinity' | 'requiredAntiAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';

const TERM_KINDS: readonly TermKind[] = [
  'requiredAffinity',
  'requiredAntiAffinity',
  'preferredAffinity',
  'preferredAntiAffinity',
];

class HeldCounts implements Counts {
  readonly #counts = new Map<string, number>();
  total = 0;

  of(value: string): number {
    return this.#counts.get(value) ?? 0;
  }

  add(value: string, by: 1 | -1): void {
    const count = this.of(value) + by;
    if (count > 0) this.#counts.set(value, count);
    else this.#counts.delete(value);
    this.total += by;
  }
}

const heldId = (kind: TermKind, term: AffinityTerm): string => `${kind}\0${term.id}`;

/** Another state of one place: which pods would have come and gone. */
export interface PlaceChange {
  place: Place;
  come: readonly PodInfo[];
  gone: readonly PodInfo[];
}

/** What all nodes of a snapshot count by together. */
export class Tallies {
  readonly #questions = new Map<string, PodQuestion>();
  readonly #tallies = new Map<string, KeptTally>();
  readonly #held = new Map<string, HeldTerm & { counts: HeldCounts }>();
  readonly #everywhere = new Map<string, boolean>();

  get questions(): number {
    return this.#questions.size;
  }

  /** The question of this name, whoever asks it first. */
  question(name: string, asked: PodQuestion): PodQuestion {
    const known = this.#questions.get(name);
    if (known) return known;
    this.#questions.set(name, asked);
    return asked;
  }

  /** Another look: what may have changed in the meantime is counted anew. */
  forgetPassing(): void {
    for (const [name, { isPassing }] of this.#questions) {
      if (!isPassing) continue;
      this.#questions.delete(name);
      for (const tally of this.#tallies.keys()) if (tally.startsWith(`${name}\0`)) this.#tallies.delete(tally);
    }
  }

  /** A node is another one: its labels may be too. */
  forgetPlaces(): void {
    this.#tallies.clear();
    this.#everywhere.clear();
  }

  tally(name: string, question: PodQuestion, key: string, places: readonly Place[]): Tally {
    const id = `${name}\0${key}`;
    let tally = this.#tallies.get(id);
    if (!tally) {
      tally = new KeptTally(question, key, places);
      this.#tallies.set(id, tally);
    }
    return tally;
  }

  isEverywhere(key: string, places: readonly Place[]): boolean {
    let everywhere = this.#everywhere.get(key);
    if (everywhere === undefined) {
      everywhere = places.every(({ labels }) => labels[key] !== undefined);
      this.#everywhere.set(key, everywhere);
    }
    return everywhere;
  }

  /** The same as it would be after a change. */
  tallyAfter(tally: Tally, question: PodQuestion, key: string, { place, come, gone }: PlaceChange): Tally {
    const value = place.labels[key];
    if (value === undefined) return tally;
    const counted = (pods: readonly PodInfo[]): number => pods.filter((pod) => question.counts(pod)).length;
    const by = counted(come) - counted(gone);
    return by === 0 ? tally : new ChangedTally(tally, value, by);
  }

  /** The rules that pods have about others. */
  held(): Iterable<HeldTerm> {
    return this.#held.values();
  }

  /** The same as they would be after a change. */
  *heldAfter({ place, come, gone }: PlaceChange): Generator<HeldTerm> {
    const changes = new Map<string, { kind: TermKind; term: AffinityTerm; by: number }>();
    const change = (pods: readonly PodInfo[], by: 1 | -1): void => {
      for (const pod of pods)
        for (const kind of TERM_KINDS)
          for (const term of pod[kind]) {
            const id = heldId(kind, term);
            changes.set(id, { kind, term, by: (changes.get(id)?.by ?? 0) + by });
          }
    };
    change(come, 1);
    change(gone, -1);
    const none = new HeldCounts();
    for (const [id, held] of this.#held) if (!changes.has(id)) yield held;
    for (const [id, { kind, term, by }] of changes) {
      const value = place.labels[term.topologyKey];
      const before = this.#held.get(id)?.counts ?? none;
      const counts = value === undefined ? before : new ChangedCounts(before, value, by);
      if (counts.total > 0) yield { kind, term, counts };
    }
  }

  changed(place: Place, pod: PodInfo, by: 1 | -1): void {
    for (const tally of this.#tallies.values()) tally.changed(place, pod, by);
    for (const kind of TERM_KINDS)
      for (const term of pod[kind]) {
        const value = place.labels[term.topologyKey];
        if (value !== undefined) this.#hold(kind, term, value, by);
      }
  }

  #hold(kind: TermKind, term: AffinityTerm, value: string, by: 1 | -1): void {
    const id = heldId(kind, term);
    let held = this.#held.get(id);
    if (!held) {
      held = { kind, term, counts: new HeldCounts() };
      this.#held.set(id, held);
    }
    held.counts.add(value, by);
    if (held.counts.total === 0) this.#held.delete(id);
  }
}
