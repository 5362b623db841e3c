/** JSON's texts, numbers and booleans as Go's decoder takes them for a type: quantities and times in their one form, numbers that fit. */
import type { Scalar } from '../../catalog/schema.ts';
import { formatDuration, GoTimeError, parseDuration } from '../../objects/go-duration.ts';
import { canonicalQuantity, QuantityError } from '../../objects/quantity.ts';
import { DecodeError } from './decode-error.ts';
import { base64Bytes } from './go-base64.ts';
import type { Notes } from './json-text.ts';
import { canonicalMicroTime, canonicalTime } from './time.ts';

export const word = (value: unknown): string =>
  Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'object'
        ? 'object'
        : typeof value;

/** What the decoder of the object around knows and does. */
export interface ScalarContext {
  /** A value of a wrong type: told at once, or at the end. */
  wrong(what: string, go: string, scalar?: Scalar): void;
  wrongType(value: unknown, go: string, scalar?: Scalar): undefined;
  typeMessage(what: string, go: string): string;
  save(message: string): void;
}

export class ScalarDecoder {
  readonly #notes: Notes | undefined;
  readonly #context: ScalarContext;

  constructor(notes: Notes | undefined, context: ScalarContext) {
    this.#notes = notes;
    this.#context = context;
  }

  decode(scalar: Scalar, go: string, value: unknown, owner: object, key: string): unknown {
    switch (scalar) {
      case 'string':
        return typeof value === 'string' ? value : value === null ? '' : this.#context.wrongType(value, go, scalar);
      case 'bool':
        return typeof value === 'boolean' ? value : value === null ? false : this.#context.wrongType(value, go, scalar);
      case 'int32':
      case 'int64':
        return this.#integer(scalar, go, value, owner, key);
      case 'float64':
        return typeof value === 'number' ? value : value === null ? 0 : this.#context.wrongType(value, go, scalar);
      case 'bytes':
        return this.#bytes(go, value);
      case 'any':
      case 'JSON':
      case 'RawExtension':
      case 'FieldsV1':
        return value === null ? undefined : value;
      default:
        return this.#custom(scalar, value, owner, key);
    }
  }

  #integer(scalar: 'int32' | 'int64', go: string, value: unknown, owner: object, key: string): unknown {
    if (value === null) return 0;
    if (typeof value !== 'number') return this.#context.wrongType(value, go, scalar);
    const written = this.#notes?.get(owner)?.numbers?.get(key) ?? String(value);
    const fits = scalar === 'int32' ? value >= -(2 ** 31) && value < 2 ** 31 : Math.abs(value) < 2 ** 63;
    if (!fits || !/^-?[0-9]+$/.test(written)) {
      this.#context.wrong(`number ${written}`, go, scalar);
      return 0;
    }
    return value;
  }

  #bytes(go: string, value: unknown): unknown {
    if (value === null) return undefined;
    if (typeof value !== 'string') return this.#context.wrongType(value, go);
    const bytes = base64Bytes(value);
    if (typeof bytes === 'number') {
      this.#context.save(`illegal base64 data at input byte ${bytes}`);
      return undefined;
    }
    return bytes;
  }

  /** Types that decode themselves: an error ends the decoding at once. */
  #custom(scalar: Scalar, value: unknown, owner: object, key: string): unknown {
    try {
      switch (scalar) {
        case 'Time':
          return value === null ? undefined : canonicalTime(this.#text(value));
        case 'MicroTime':
          return value === null ? undefined : canonicalMicroTime(this.#text(value));
        case 'Duration':
          return formatDuration(parseDuration(value === null ? '' : this.#text(value)));
        case 'Quantity':
          return this.#quantity(value, owner, key);
        case 'IntOrString':
          return this.#intOrString(value, owner, key);
        default:
          return undefined;
      }
    } catch (error) {
      if (error instanceof QuantityError || error instanceof GoTimeError) throw new DecodeError(error.message);
      throw error;
    }
  }

  #text(value: unknown): string {
    if (typeof value === 'string') return value;
    throw new DecodeError(this.#context.typeMessage(word(value), 'string'));
  }

  #quantity(value: unknown, owner: object, key: string): string {
    if (value === null) return '0';
    if (typeof value === 'string') return canonicalQuantity(value.trim());
    if (typeof value === 'number') return canonicalQuantity(this.#notes?.get(owner)?.numbers?.get(key) ?? value);
    return canonicalQuantity(JSON.stringify(value));
  }

  #intOrString(value: unknown, owner: object, key: string): unknown {
    if (value === null) return 0;
    if (typeof value === 'string') return value;
    if (typeof value !== 'number') throw new DecodeError(this.#context.typeMessage(word(value), 'int32'));
    const written = this.#notes?.get(owner)?.numbers?.get(key) ?? String(value);
    if (!/^-?[0-9]+$/.test(written) || Math.abs(value) > 2 ** 31) {
      throw new DecodeError(this.#context.typeMessage(`number ${written}`, 'int32'));
    }
    return value;
  }
}
