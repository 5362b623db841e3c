/** A span of time in a diagram, from milliseconds. */
export const shownSpan = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 100) / 10} s`;
