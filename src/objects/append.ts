/** Adds all of `more` to the end of `list`. A spread into `push` makes an argument of each, and there are only so many. */
export function append<T>(list: T[], more: readonly T[]): void {
  for (const item of more) list.push(item);
}
