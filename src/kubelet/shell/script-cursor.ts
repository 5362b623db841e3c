/** Where a script is being read. */
export class ScriptCursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** What stands here; empty at the end. */
  peek(): string {
    return this.text[this.at] ?? '';
  }

  /** Whether `text` stands here; it is passed over then. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** The plain word that stands here, if it ends where a word can. */
  keyword(): string {
    const word = /(?:[A-Za-z]{1,8}|[!{}])(?=[\s;&|()<>]|$)/y;
    word.lastIndex = this.at;
    return word.exec(this.text)?.[0] ?? '';
  }

  /** Passes over blanks and comments; `lines`: over ends of lines too. */
  skipBlanks(lines: boolean): void {
    for (;;) {
      const c = this.peek();
      if (c === ' ' || c === '\t' || (lines && c === '\n')) this.at++;
      else if (c === '\\' && this.text[this.at + 1] === '\n') this.at += 2;
      else if (c === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end;
      } else return;
    }
  }
}
