/**
 * What the words and variables of a pod's programs may become. References multiply: without a bound a pod of a few kilobytes has words of
 * gigabytes. The kernel lets one program have 2 MiB of both (execve: ARG_MAX, a quarter of the stack).
 */
export const MAX_ARGUMENT_CHARACTERS = 4 * 1024 * 1024;

/** No program can be given so much. */
export class ArgumentsTooLong extends Error {
  constructor() {
    super('argument list too long');
  }
}

/** One for all containers of a pod during a sync: what is looked through for them counts like what comes of it. */
export class ArgumentSpace {
  #left = MAX_ARGUMENT_CHARACTERS;

  /** @throws ArgumentsTooLong */
  take(characters: number): void {
    this.#left -= characters;
    if (this.#left < 0) throw new ArgumentsTooLong();
  }
}
