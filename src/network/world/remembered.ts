/** Lists of a cluster's objects, which never change themselves: what was made of them holds until one is replaced. */
export class Remembered<Made> {
  #lists: readonly (readonly unknown[])[] = [];
  #made: { value: Made } | undefined;

  /** `make` is asked anew when a list has other members than at the last call. */
  of(lists: readonly (readonly unknown[])[], make: () => Made): Made {
    if (this.#made && lists.every((list, i) => haveSameMembers(list, this.#lists[i] ?? []))) return this.#made.value;
    const value = make();
    this.#made = { value };
    // Copies: lists that are handed out may have members replaced.
    this.#lists = lists.map((list) => list.slice());
    return value;
  }
}

const haveSameMembers = (a: readonly unknown[], b: readonly unknown[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};
