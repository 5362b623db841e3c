/** What waits for an instant, the earliest first and of equals the one that came first: a binary heap. */
interface Entry<T> {
  item: T;
  order: number;
}

export class Instants<T extends { dueAt: number }> {
  #entries: Entry<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  get first(): T | undefined {
    return this.#entries[0]?.item;
  }

  push(item: T): void {
    const entries = this.#entries;
    const entry = { item, order: this.#order++ };
    let at = entries.length;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(entry, entries[above]!); above = (at - 1) >> 1) {
      entries[at] = entries[above]!;
      at = above;
    }
    entries[at] = entry;
  }

  /** Takes the first away. */
  pop(): void {
    const entries = this.#entries;
    const last = entries.pop();
    if (!last || entries.length === 0) return;
    let at = 0;
    for (let below = 1; below < entries.length; below = 2 * at + 1) {
      if (below + 1 < entries.length && isBefore(entries[below + 1]!, entries[below]!)) below++;
      if (!isBefore(entries[below]!, last)) break;
      entries[at] = entries[below]!;
      at = below;
    }
    entries[at] = last;
  }

  /** Holds these and nothing else. */
  reset(items: Iterable<T>): void {
    this.#entries = [];
    for (const item of items) this.push(item);
  }
}

const isBefore = <T extends { dueAt: number }>(a: Entry<T>, b: Entry<T>): boolean =>
  a.item.dueAt < b.item.dueAt || (a.item.dueAt === b.item.dueAt && a.order < b.order);
