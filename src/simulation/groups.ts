/**
 * The objects of a place by what is counted of them: whoever counts a thousand that are alike looks at one of them, and how many there are
 * is known as they come, change and go.
 */

/** Where an object is counted, and as what: those of one place that are counted as the same are one group. */
export interface Counted {
  place: string;
  as: string;
}

/** Objects that are alike in what is counted of them. */
export interface Group<Object> {
  /** One of them. */
  sample: Object;
  count: number;
}

/** What holds an object, whatever it becomes. */
export interface Member<Object> {
  object: Object;
  /** Where it is counted. */
  group?: Members<Object> | undefined;
}

class Members<Object> {
  readonly place: string;
  readonly as: string;
  readonly all = new Set<Member<Object>>();

  constructor({ place, as }: Counted) {
    this.place = place;
    this.as = as;
  }
}

export class Groups<Object> {
  readonly #byPlace = new Map<string, Map<string, Members<Object>>>();

  /** Has a member counted so from now on, and in no other way; undefined: not at all. */
  put(member: Member<Object>, counted: Counted | undefined): void {
    const before = member.group;
    if (before && before.place === counted?.place && before.as === counted.as) return;
    if (before) this.#leave(before, member);
    member.group = counted && this.#join(counted, member);
  }

  of(place: string): Group<Object>[] {
    return Array.from(this.#byPlace.get(place)?.values() ?? [], ({ all }) => {
      const [first] = all;
      return { sample: first!.object, count: all.size };
    });
  }

  #join(counted: Counted, member: Member<Object>): Members<Object> {
    const { place, as } = counted;
    let groups = this.#byPlace.get(place);
    if (!groups) {
      groups = new Map();
      this.#byPlace.set(place, groups);
    }
    let group = groups.get(as);
    if (!group) {
      group = new Members(counted);
      groups.set(as, group);
    }
    group.all.add(member);
    return group;
  }

  #leave({ place, as, all }: Members<Object>, member: Member<Object>): void {
    all.delete(member);
    if (all.size > 0) return;
    const groups = this.#byPlace.get(place);
    groups?.delete(as);
    if (groups?.size === 0) this.#byPlace.delete(place);
  }
}
