import { setOwn } from './own.ts';

/** A JSON value that shares nothing with the one given. Faster than the platform's clone, which is made for any graph. */
export function cloneJSON<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJSON) as T;
  // A spread takes keys such as __proto__ for what they are, and maps of texts are done with it.
  // biome-ignore lint/suspicious/noExplicitAny: a copy of whatever the value is
  const copy: any = { ...value };
  for (const key in copy) {
    const part = copy[key];
    if (typeof part === 'object' && part !== null && Object.hasOwn(copy, key)) setOwn(copy, key, cloneJSON(part));
  }
  return copy;
}
