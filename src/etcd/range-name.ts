/** One text for the two ends of a range, and for no other two: keys may have any character. */
export const rangeName = (start: string, end: string): string => `${start.length}\0${start}${end}`;
