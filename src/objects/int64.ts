/** Go's int64 as text, which JavaScript's numbers do not hold beyond 2^53. */

const DECIMAL = /^[+-]?\d{1,64}$/;

/** As Go's `strconv.ParseInt(text, 10, 64)` reads it; undefined: that would be an error. */
export function parseInt64(text: string): bigint | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = text.startsWith('+') ? BigInt(text.slice(1)) : BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
