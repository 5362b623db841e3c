/** A text of rules that cannot be read. */

/** How much of a line is quoted. */
const QUOTED_CHARACTERS = 120;

export class RuleTextError extends Error {
  /** From 1. */
  readonly line: number;
  constructor(line: number, problem: string, text: string) {
    const quoted = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
    super(`line ${line}: ${problem}: ${quoted}`);
    this.line = line;
  }
}
