/** JSON of which no schema is known as values of CEL, each part when it is asked for. */
import { CelError, CelList, CelMap, noSuchOverload, type Value } from './value.ts';

/** Whole numbers are int, all others double. */
export function valueOfJSON(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json;
    case 'number':
      return Number.isInteger(json) ? BigInt(json) : json;
    case 'object':
      if (json === null) return null;
      return Array.isArray(json) ? new JSONList(json) : new JSONMap(json as Record<string, unknown>);
    default:
      return new CelError('unsupported conversion to ref.Val');
  }
}

class JSONList extends CelList {
  readonly #items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    super();
    this.#items = items;
  }

  get size(): number {
    return this.#items.length;
  }

  override get(index: number): Value {
    return valueOfJSON(this.#items[index]);
  }
}

class JSONMap extends CelMap {
  readonly #json: Record<string, unknown>;
  constructor(json: Record<string, unknown>) {
    super();
    this.#json = json;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return noSuchOverload();
    const value = Object.hasOwn(this.#json, key) ? this.#json[key] : undefined;
    return value === undefined ? undefined : valueOfJSON(value);
  }

  override keys(): Value[] {
    return Object.keys(this.#json);
  }
}
