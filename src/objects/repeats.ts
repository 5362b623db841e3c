/** For each place of a list, whether its key stood at an earlier one. In one pass: the lists are as long as clients like. */
export function repeats<T>(items: readonly T[], key: (item: T) => unknown = (item) => item): boolean[] {
  const seen = new Set<unknown>();
  return items.map((item) => {
    const own = key(item);
    if (seen.has(own)) return true;
    seen.add(own);
    return false;
  });
}
