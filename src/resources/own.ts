/** Sets a key that a client chose: `__proto__` too, which an assignment would take for something else. */
export function setOwn(map: Record<string, any>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

/** What stands at a key of the object's own; nothing that all objects have. */
export const own = (map: Record<string, any>, key: string): any => (Object.hasOwn(map, key) ? map[key] : undefined);
