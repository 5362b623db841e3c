/** How long a value is in JSON, without the text of it where that need not be made. */

/** Characters that one of a text's becomes at the most, and that a number has. */
const ESCAPED = 6;
const NUMBER = 25;

/** Whether the JSON of a value has more characters than that. */
export const isLongerThan = (value: unknown, characters: number): boolean =>
  mostCharacters(value, characters) > characters && JSON.stringify(value).length > characters;

/** As many as there may be; of what may have more than `enough`, that it may. */
function mostCharacters(value: unknown, enough: number): number {
  if (typeof value === 'string') return ESCAPED * value.length + 2;
  if (typeof value !== 'object' || value === null) return NUMBER;
  let most = 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && most <= enough; i++) most += mostCharacters(value[i], enough - most) + 1;
    return most;
  }
  for (const key in value) {
    most += ESCAPED * key.length + 4 + mostCharacters((value as Record<string, unknown>)[key], enough - most);
    if (most > enough) break;
  }
  return most;
}
