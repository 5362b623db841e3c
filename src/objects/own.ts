/** Sets a key that a client chose: `__proto__` too, which an assignment would take for something else. */
export function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

/** Has an object become another one, in place, for whoever has it. What it is made of is shared. */
export function become(object: Record<string, unknown>, other: Record<string, unknown>): void {
  for (const field of Object.keys(object)) delete object[field];
  for (const [field, value] of Object.entries(other)) setOwn(object, field, value);
}

/** A copy in which nothing stands but what was given, for looking up keys that somebody else chose. */
export const bare = <T>(map: Record<string, T> | undefined): Record<string, T> =>
  Object.assign(Object.create(null), map);

/** What stands at a key of the object's own; nothing that all objects have. */
export const own = <T>(map: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;
