/** A value on an object where no copy of it, no listing and no comparison finds it. */

class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the field below is put on this very object.
    return object;
  }
}

export interface HiddenValue<T> {
  /** Once for an object. */
  put(object: object, value: T): void;
  of(object: object): T | undefined;
}

export function hiddenValue<T>(): HiddenValue<T> {
  class Hidden extends Given {
    readonly #value: T;

    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }

    static of(object: object): T | undefined {
      return #value in object ? object.#value : undefined;
    }
  }
  return { put: (object, value) => void new Hidden(object, value), of: (object) => Hidden.of(object) };
}
