/** A line of iptables-save as words: quotes hold words together, a backslash takes the next character as it is. */
import { RuleTextError } from '../rule-text-error.ts';

export function wordsOf(text: string, line: number): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '\\' && i + 1 < text.length) {
      i++;
      word = (word ?? '') + text[i];
    } else if (quote ? character === quote : character === '"' || character === "'") {
      quote = quote ? '' : character;
      word ??= '';
    } else if (!quote && (character === ' ' || character === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote) throw new RuleTextError(line, 'a quote is not closed', text);
  if (word !== undefined) words.push(word);
  return words;
}
