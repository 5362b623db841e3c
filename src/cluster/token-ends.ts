/** What ends with a token of less power, by the token's id. What goes on in an object keeps it in memory, and so does this. */
export class TokenEnds {
  readonly #ends = new Map<string, AbortController>();

  /** Set when the token is no longer good. */
  of(token: string): AbortSignal {
    const known = this.#ends.get(token) ?? new AbortController();
    this.#ends.set(token, known);
    return known.signal;
  }

  end(token: string): void {
    this.#ends.get(token)?.abort();
    this.#ends.delete(token);
  }
}
