/** The first of some instants, of which any may never come. */
export function earliest(...instants: (number | undefined)[]): number | undefined {
  const known = instants.filter((at): at is number => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
