/** nftables' text as words: braces, commas and semicolons are words of their own, a quoted text is one with its quotes. */
import { RuleTextError } from '../rule-text-error.ts';
import { Words } from '../words.ts';

const TOKEN = /"[^"]*"|[{},;]|[^\s{},;"]+/g;

export function tokensOf(text: string, line: number): Words {
  const words = text.match(TOKEN) ?? [];
  if ((text.match(/"/g)?.length ?? 0) % 2 === 1) throw new RuleTextError(line, 'a quote is not closed', text);
  return new Words(words, text, line);
}

/** Of `{ a , b ; }` all that stands between the braces, each part of it as `take` reads it, with commas between. */
export function list<T>(words: Words, take: () => T): T[] {
  expect(words, '{');
  const found: T[] = [];
  while (!words.skip('}')) {
    found.push(take());
    if (!words.skip(',') && words.peek() !== '}') throw words.error('a comma or a closing brace is missing');
  }
  return found;
}

export function expect(words: Words, word: string): void {
  if (!words.skip(word)) throw words.error(`"${word}" is missing`);
}

export const unquoted = (word: string): string => (word.startsWith('"') ? word.slice(1, -1) : word);
