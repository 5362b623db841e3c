/** What a shell script is read into. */

/** The script has something that is not read here. */
export class UnreadScript extends Error {}

export type Part =
  | { form: 'text'; text: string; quoted: boolean }
  | { form: 'variable'; name: string; quoted: boolean }
  | { form: 'output'; of: Command; quoted: boolean }
  | { form: 'arithmetic'; of: Part[]; quoted: boolean };

export type Word = Part[];

export interface Redirect {
  /** `>`, `>>` or, for `2>&1`, `&`. */
  way: '>' | '>>' | '&';
  of: 1 | 2;
  to: Word;
}

export type Command =
  | { form: 'simple'; assignments: [name: string, value: Word][]; words: Word[]; redirects: Redirect[] }
  | { form: 'list'; parts: Command[] }
  | { form: 'both' | 'either'; left: Command; right: Command }
  | { form: 'pipe'; parts: Command[] }
  | { form: 'not'; of: Command }
  | { form: 'if'; branches: [test: Command, then: Command][]; otherwise: Command | undefined }
  /** The rest of the script: what comes before it may end it. */
  | { form: 'unread' };

/** Commands within one another. */
export const MAX_NESTING = 40;
