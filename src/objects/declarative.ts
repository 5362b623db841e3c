/**
 * The API server finds some errors by hand-written code and some by rules declared on the types; the latter it reports last.
 * A validation that has both collects them apart. A declared rule that a field must not change prints `null` for its value.
 */
import { append } from './append.ts';
import { type FieldError, required } from './field-error.ts';

/** The rules for names that types declare count in bytes. */
export const inBytes = (words: string): string => words.replace(/^(must be no more than \d+) characters$/, '$1 bytes');

export class Findings {
  readonly #written: FieldError[] = [];
  readonly #declared: FieldError[] = [];

  add(...errors: FieldError[]): void {
    append(this.#written, errors);
  }

  /** Reported after all that code has found. */
  declare(...errors: FieldError[]): void {
    append(this.#declared, errors);
  }

  /** Whether a text is there; reported among the declared rules if not. */
  has(value: string | undefined, field: string): value is string {
    if (value) return true;
    this.declare(required(field));
    return false;
  }

  all(): FieldError[] {
    return [...this.#written, ...this.#declared];
  }
}
