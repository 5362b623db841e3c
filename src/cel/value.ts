/**
 * Values of CEL. int is a bigint, double a number, string, bool and null are JavaScript's own, and all else is of a class of its own, so
 * that what a value is can be told without its declaration. An error is a value too: `||`, `&&` and the macros that are made of them go on
 * where one of their sides fails.
 */
import { checkElements } from './budget.ts';
import type { Type } from './type.ts';

export const MIN_INT = -(2n ** 63n);
export const MAX_INT = 2n ** 63n - 1n;
export const MAX_UINT = 2n ** 64n - 1n;

export class CelError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const noSuchOverload = (): CelError => new CelError('no such overload');

export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export class CelBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static ofText(text: string): CelBytes {
    return new CelBytes(new TextEncoder().encode(text));
  }
}

export class CelDuration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds since 1970, from year 1 to 9999. `offset`: minutes east of Greenwich in which it was written. */
export class CelTimestamp {
  readonly nanos: bigint;
  readonly offset: number;
  constructor(nanos: bigint, offset = 0) {
    this.nanos = nanos;
    this.offset = offset;
  }
}

export class CelType {
  readonly type: Type;
  constructor(type: Type) {
    this.type = type;
  }
}

export class CelOptional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export const NONE = new CelOptional(undefined);

export abstract class CelList {
  abstract readonly size: number;
  /** From 0 to below `size`. */
  abstract get(index: number): Value;

  /** With those of another list behind, which costs the same however long they are. Throws `BudgetExceeded`. */
  concat(other: CelList): Value {
    const size = this.size + other.size;
    checkElements(size);
    if (size > COPIED) return new JoinedList(this, other);
    const items: Value[] = [];
    for (let i = 0; i < this.size; i++) items.push(this.get(i));
    for (let i = 0; i < other.size; i++) items.push(other.get(i));
    return new ArrayList(items);
  }
}

export class ArrayList extends CelList {
  readonly items: Value[];
  constructor(items: Value[]) {
    super();
    this.items = items;
  }

  get size(): number {
    return this.items.length;
  }

  override get(index: number): Value {
    return this.items[index]!;
  }
}

/** Shorter lists are copied when they are joined. */
const COPIED = 100;

/** Two lists as one, neither of which is copied. */
class JoinedList extends CelList {
  readonly size: number;
  readonly #first: CelList;
  readonly #second: CelList;
  constructor(first: CelList, second: CelList) {
    super();
    this.size = first.size + second.size;
    this.#first = first;
    this.#second = second;
  }

  override get(index: number): Value {
    let list: CelList = this;
    let at = index;
    while (list instanceof JoinedList) {
      const { size } = list.#first;
      if (at < size) list = list.#first;
      else {
        at -= size;
        list = list.#second;
      }
    }
    return list.get(at);
  }
}

/** What a macro accumulates: nobody else has it yet, so that it grows in place. */
export class GrowingList extends ArrayList {
  override concat(other: CelList): Value {
    checkElements(this.size + other.size);
    for (let i = 0; i < other.size; i++) this.items.push(other.get(i));
    return this;
  }
}

export abstract class CelMap {
  abstract readonly size: number;
  /** Undefined: there is no such key. */
  abstract get(key: Value): Value | undefined;
  abstract keys(): Value[];

  firstKey(): Value | undefined {
    return this.keys()[0];
  }
}

/** What tells keys apart: 1, 1u and 1.0 are the same key. Undefined: it can't be one. */
export function mapKey(key: Value): string | bigint | boolean | undefined {
  switch (typeof key) {
    case 'string':
    case 'bigint':
    case 'boolean':
      return key;
    case 'number':
      return Number.isInteger(key) ? BigInt(key) : undefined;
    default:
      return key instanceof CelUint ? key.value : undefined;
  }
}

export class EntryMap extends CelMap {
  readonly entries: Map<string | bigint | boolean, [key: Value, value: Value]>;
  constructor(entries: Map<string | bigint | boolean, [key: Value, value: Value]> = new Map()) {
    super();
    this.entries = entries;
  }

  static ofPairs(pairs: Iterable<readonly [string, Value]>): EntryMap {
    const map = new EntryMap();
    for (const [key, value] of pairs) map.entries.set(key, [key, value]);
    return map;
  }

  get size(): number {
    return this.entries.size;
  }

  override get(key: Value): Value | undefined {
    const known = mapKey(key);
    return known === undefined ? undefined : this.entries.get(known)?.[1];
  }

  override keys(): Value[] {
    return [...this.entries.values()].map(([key]) => key);
  }

  override firstKey(): Value | undefined {
    const first = this.entries.values().next();
    return first.done ? undefined : first.value[0];
  }
}

/** What a macro accumulates, as `GrowingList`. */
export class GrowingMap extends EntryMap {}

/** A value of a library's own type. */
export abstract class CelObject {
  abstract readonly type: Type;
  /** A `CelError` where the two can't be compared. */
  abstract equals(other: Value): boolean | CelError;
  /** What counts as its size, where it costs; undefined: it has none. */
  get size(): number | undefined {
    return undefined;
  }
}

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | CelUint
  | CelBytes
  | CelDuration
  | CelTimestamp
  | CelType
  | CelOptional
  | CelList
  | CelMap
  | CelObject
  | CelError;
