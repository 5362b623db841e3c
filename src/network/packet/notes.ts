/** What rules have noted of packets: iptables' `recent` lists and nftables' sets that packets fill. Session affinity is made of it. */
export class Notes {
  readonly #lists = new Map<string, Map<string, number | undefined>>();
  readonly #before: Notes | undefined;

  /** `before`: notes that are read but not changed. */
  constructor(before?: Notes) {
    this.#before = before;
  }

  /** `now` in seconds, as all times here. */
  note(list: string, key: string, now: number): void {
    this.#set(list, key, now);
  }

  forget(list: string, key: string): void {
    this.#set(list, key, undefined);
  }

  /** Whether the key was noted within so many seconds; 0: ever. */
  has(list: string, key: string, now: number, seconds: number): boolean {
    const at = this.#at(list, key);
    return at !== undefined && (seconds === 0 || now - at <= seconds);
  }

  /** With when each was noted last, in seconds. */
  entries(list: string): [key: string, at: number][] {
    const own = this.#lists.get(list);
    const before = this.#before?.entries(list).filter(([key]) => !own?.has(key)) ?? [];
    return [
      ...before,
      ...[...(own ?? [])].flatMap(([key, at]) => (at === undefined ? [] : [[key, at] as [string, number]])),
    ];
  }

  #at(list: string, key: string): number | undefined {
    const own = this.#lists.get(list);
    return own?.has(key) ? own.get(key) : this.#before ? this.#before.#at(list, key) : undefined;
  }

  #set(list: string, key: string, at: number | undefined): void {
    const own = this.#lists.get(list) ?? new Map<string, number | undefined>();
    own.set(key, at);
    this.#lists.set(list, own);
  }
}
