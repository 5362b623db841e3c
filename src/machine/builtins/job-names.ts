/** How jobs are named. */
import type { Shell } from '../shell/shell.ts';
import type { Job } from '../shell/state.ts';

/** `%1`, `%%`, `%+`, `%-`, `%name`. */
export function jobOf(shell: Shell, word: string): Job | undefined {
  const { jobs } = shell.state;
  const name = word.slice(1);
  if (name === '' || name === '%' || name === '+') return jobs.at(-1);
  if (name === '-') return jobs.at(-2) ?? jobs.at(-1);
  if (/^\d+$/.test(name)) return jobs.find(({ number }) => number === Number(name));
  return jobs.findLast(({ text }) => text.startsWith(name));
}
