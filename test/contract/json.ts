/**
 * JSON as it was written: a number that JavaScript would read as another one, or write in another way (beyond 2^53, `1.0`), keeps
 * its text. It is sent again as it stands, and compared by its value.
 */

interface RawNumber {
  readonly rawJSON: string;
}

/** What engines have and the compiler's library does not yet. */
const engine = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): any;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

export const parseJSON = (text: string): any =>
  engine.parse(text, (_, value, { source }) =>
    typeof value === 'number' && String(value) !== source ? engine.rawJSON(source!) : value,
  );

export const isNumber = (value: unknown): value is number | RawNumber =>
  typeof value === 'number' || engine.isRawJSON(value);

const textOf = (value: number | RawNumber): string => (typeof value === 'number' ? String(value) : value.rawJSON);

const WHOLE = /^-?\d+$/;

/** Whole numbers by their digits, all others as floating-point numbers. */
export function sameNumber(a: number | RawNumber, b: number | RawNumber): boolean {
  const [left, right] = [textOf(a), textOf(b)];
  if (WHOLE.test(left) && WHOLE.test(right)) return BigInt(left) === BigInt(right);
  return Number(left) === Number(right);
}
