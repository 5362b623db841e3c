/** A YAML mapping as the JSON object that Kubernetes makes of it. */

import { printGo } from '../../../objects/go-print.ts';
import { isJSONObject } from '../../../objects/json.ts';
import { setOwn } from '../../../objects/own.ts';
import { refuseInfinite } from './resolve.ts';
import { failure, type Token, YAMLSyntaxError } from './tokens.ts';

export interface RepeatedKey {
  key: string;
  /** From 1. */
  line: number;
}

export function finite(value: unknown): unknown {
  if (typeof value === 'number') refuseInfinite(value);
  return value;
}

/** Whether a key is the one by which other mappings come in. */
export const isMerge = ({ type, value, plain }: Token): boolean => type === 'scalar' && plain && value === '<<';

/** A mapping that is being read. */
export class Mapping {
  readonly value: Record<string, unknown> = {};
  readonly #repeated: RepeatedKey[];

  constructor(repeated: RepeatedKey[]) {
    this.#repeated = repeated;
  }

  add(key: unknown, value: unknown, merges: boolean, line: number): void {
    if (merges) {
      this.#merge(value);
      return;
    }
    const name = keyText(key, value);
    if (Object.hasOwn(this.value, name)) this.#repeated.push({ key: name, line: line + 1 });
    setOwn(this.value, name, finite(value));
  }

  #merge(value: unknown): void {
    // The first of several goes before those that follow.
    for (const part of Array.isArray(value) ? value.toReversed() : [value]) {
      if (!isJSONObject(part)) throw failure(0, 'map merge requires map or sequence of maps as the value');
      for (const [key, item] of Object.entries(part)) setOwn(this.value, key, item);
    }
  }
}

/** JSON's keys are text. */
function keyText(key: unknown, value: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return String(key);
  if (typeof key === 'number')
    return Number.isFinite(key) ? String(key) : Number.isNaN(key) ? '.nan' : key > 0 ? '.inf' : '-.inf';
  if (key === null) {
    const shown = value === null ? '<nil>' : printGo(value);
    throw new YAMLSyntaxError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`);
  }
  throw failure(0, `invalid map key: ${Array.isArray(key) ? '[]interface {}' : 'map[interface {}]interface {}'}{...}`);
}
