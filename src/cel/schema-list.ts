/**
 * Lists by their schema: of a set only counts what is in it, of a map list the keys of its elements, also where two are put together.
 * Models k8s.io/apiserver's pkg/cel/common/valuesunstructured.go and valuesreflect.go.
 */
import { checkElements, countCompared } from './budget.ts';
import { equal } from './compare.ts';
import { escapeName } from './escaping.ts';
import {
  ArrayList,
  CelBytes,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  noSuchOverload,
  type Value,
} from './value.ts';

export class SchemaList extends CelList {
  readonly #json: readonly unknown[];
  readonly #read: (item: unknown) => Value;
  readonly #rules: ListRules | undefined;

  /** `read` makes the value of an element. `type`: `atomic`, `set` or `map`, the last with `keys`. */
  constructor(json: readonly unknown[], read: (item: unknown) => Value, type: string, keys: readonly string[]) {
    super();
    this.#json = json;
    this.#read = read;
    this.#rules = type === 'set' ? SET : type === 'map' ? mapRules(keys) : undefined;
  }

  get size(): number {
    return this.#json.length;
  }

  override get(index: number): Value {
    return this.#read(this.#json[index]);
  }

  override concat(other: CelList): Value {
    return this.#rules ? joined(this, other, this.#rules) : super.concat(other);
  }

  equalTo(other: Value): boolean | CelError {
    if (!(other instanceof CelList)) return noSuchOverload();
    return this.#rules ? this.#rules.same(this, other) : sameInOrder(this, other);
  }
}

/** What two of such lists together are: a list by the same rules. */
class RuledList extends ArrayList {
  readonly #rules: ListRules;
  constructor(items: Value[], rules: ListRules) {
    super(items);
    this.#rules = rules;
  }

  override concat(other: CelList): Value {
    return joined(this, other, this.#rules);
  }

  equalTo(other: Value): boolean | CelError {
    return other instanceof CelList ? this.#rules.same(this, other) : noSuchOverload();
  }
}

interface ListRules {
  /** What tells elements apart. */
  key: (element: Value) => string | CelError;
  /** Whether the later of two with the same key takes the place of the earlier. */
  replaces: boolean;
  same: (a: CelList, b: CelList) => boolean | CelError;
}

function joined(a: CelList, b: CelList, rules: ListRules): Value {
  checkElements(a.size + b.size);
  const items: Value[] = [];
  const places = new Map<string, number>();
  for (const list of [a, b])
    for (let i = 0; i < list.size; i++) {
      const element = list.get(i);
      const key = rules.key(element);
      if (key instanceof CelError) return key;
      const place = places.get(key);
      if (list === b && place !== undefined) {
        if (rules.replaces) items[place] = element;
        continue;
      }
      places.set(key, items.length);
      items.push(element);
    }
  return new RuledList(items, rules);
}

function sameInOrder(a: CelList, b: CelList): boolean | CelError {
  if (a.size !== b.size) return false;
  countCompared(a.size);
  for (let i = 0; i < a.size; i++) {
    const same = equal(a.get(i), b.get(i));
    if (same !== true) return same;
  }
  return true;
}

/** The same for scalars that are the same. */
function scalarKey(value: Value | undefined): string {
  if (value instanceof CelUint) return `u${value.value}`;
  if (value instanceof CelBytes) return `b${value.bytes.join(',')}`;
  if (value instanceof CelDuration) return `d${value.nanos}`;
  if (value instanceof CelTimestamp) return `t${value.nanos}`;
  return `${typeof value} ${String(value)}`;
}

const SET: ListRules = {
  key: (element) =>
    element instanceof CelList || element instanceof CelMap
      ? new CelError('listSet operations are only supported on lists of scalar values')
      : scalarKey(element),
  replaces: false,
  same(a, b) {
    if (a.size !== b.size) return false;
    const keys = new Set<string>();
    for (let i = 0; i < a.size; i++) {
      const key = SET.key(a.get(i));
      if (key instanceof CelError) return key;
      keys.add(key);
    }
    const seen = new Set<string>();
    for (let i = 0; i < b.size; i++) {
      const key = SET.key(b.get(i));
      if (key instanceof CelError) return key;
      if (!keys.has(key)) return false;
      seen.add(key);
    }
    return seen.size === keys.size;
  },
};

function mapRules(names: readonly string[]): ListRules {
  const escaped = names.map((name) => escapeName(name) ?? name);
  const key = (element: Value): string =>
    JSON.stringify(escaped.map((name) => (element instanceof CelMap ? scalarKey(element.get(name)) : '')));
  return {
    key,
    replaces: true,
    same(a, b) {
      if (a.size !== b.size) return false;
      const elements = new Map<string, Value>();
      for (let i = 0; i < a.size; i++) elements.set(key(a.get(i)), a.get(i));
      const seen = new Set<string>();
      for (let i = 0; i < b.size; i++) {
        const theirs = b.get(i);
        const ours = elements.get(key(theirs));
        if (ours === undefined) return false;
        const same = equal(ours, theirs);
        if (same !== true) return same;
        seen.add(key(theirs));
      }
      return seen.size === elements.size;
    },
  };
}
