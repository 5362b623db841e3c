/** A JSON value that nobody can change any more, nor anything in it: tests share their objects so, and whoever changes one fails. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
