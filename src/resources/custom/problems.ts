/** What a schema finds wrong with a value, in the words of k8s.io/kube-openapi/pkg/validation, and as errors of fields. */
import { type FieldError, invalid, notSupported, required, tooLong, tooMany } from '../../objects/field-error.ts';
import { quoteGo } from '../../objects/go-quote.ts';

export interface Problem {
  /** The whole of it, by which it is told once. */
  words: string;
  /** `at`: the field, where the problem is one of a field. */
  error(prefix: string): FieldError;
}

/** What has been found so far, and how many checks were made, by which the best of several schemas is chosen. */
export class Findings {
  readonly problems: Problem[] = [];
  checks = 0;
  #told: Set<string> | undefined;

  add(problem: Problem): void {
    this.#told ??= new Set();
    if (this.#told.has(problem.words)) return;
    this.#told.add(problem.words);
    this.problems.push(problem);
  }

  merge({ problems, checks }: Findings): void {
    for (const problem of problems) this.add(problem);
    this.checks += checks;
  }

  get isValid(): boolean {
    return this.problems.length === 0;
  }
}

/** A path that is no field's. */
export const NOWHERE = '<nil>';

function fieldAt(prefix: string, path: string): string {
  const name = path.replace(/^\./, '');
  if (name === '') return prefix || NOWHERE;
  return prefix === '' ? name : `${prefix}.${name}`;
}

const atField = (path: string, words: string, make: (field: string) => FieldError): Problem => ({
  words,
  error: (prefix) => make(fieldAt(prefix, path)),
});

const invalidAt = (path: string, value: unknown, words: string): Problem =>
  atField(path, words, (field) => invalid(field, value ?? '', words));

/** Of the value as a whole, wherever in it. */
export const general = (words: string): Problem => ({
  words,
  error: (prefix) => invalid(prefix || NOWHERE, '', words),
});

export function wrongType(path: string, type: string, found: string): Problem {
  const words = `${path} in body must be of type ${type}: ${quoteGo(found)}`;
  return atField(path, words, (field) => ({ ...invalid(field, found, words), type: 'FieldValueTypeInvalid' }));
}

export const missing = (path: string): Problem =>
  atField(path, `${path} in body is required`, (field) => required(field));

export const notInEnum = (path: string, value: unknown, values: readonly unknown[]): Problem =>
  atField(path, `${path} in body should be one of ${JSON.stringify(values)}`, (field) =>
    notSupported(
      field,
      value,
      values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))),
    ),
  );

export const tooLongText = (path: string, max: number): Problem =>
  atField(path, `${path} in body should be at most ${max} chars long`, (field) => tooLong(field, max));

export const tooShortText = (path: string, value: string, min: number): Problem =>
  invalidAt(path, value, `${path} in body should be at least ${min} chars long`);

export const unlikePattern = (path: string, value: string, pattern: string): Problem =>
  invalidAt(path, value, `${path} in body should match '${pattern}'`);

export const tooManyItems = (path: string, size: number, max: number): Problem =>
  atField(path, `${path} in body should have at most ${max} items`, (field) => tooMany(field, size, max));

export const tooFewItems = (path: string, size: number, min: number): Problem =>
  invalidAt(path, size, `${path} in body should have at least ${min} items`);

export const tooManyMembers = (path: string, size: number, max: number): Problem =>
  atField(path, `${path} in body should have at most ${max} properties`, (field) => tooMany(field, size, max));

export const tooFewMembers = (path: string, size: number, min: number): Problem =>
  invalidAt(path, size, `${path} in body should have at least ${min} properties`);

export const forbiddenMember = (path: string, name: string): Problem =>
  invalidAt(path, name, `${path}.${name} in body is a forbidden property`);

export const beyond = (path: string, value: number, bound: string): Problem =>
  invalidAt(path, value, `${path} in body should be ${bound}`);

export const notPositive = (path: string, factor: number): Problem =>
  invalidAt(path, factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`);
