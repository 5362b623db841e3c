/** JSON documents out of a stream of text that may be cut anywhere. What has been looked at is not looked at again. */
export class JSONDocuments {
  /** Of the document that has begun, in pieces. */
  #parts: string[] = [];
  #length = 0;
  #begun = false;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Characters of a document that is not complete. */
  get pending(): number {
    return this.#length;
  }

  /** What is left of an unfinished document. */
  get rest(): string {
    return this.#parts.join('');
  }

  /** The documents that this piece completes. One that is no object and no list ends with white space, or with the piece. */
  add(text: string): string[] {
    const documents: string[] = [];
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (unit === BACKSLASH) this.#escaped = true;
        else if (unit === QUOTE) this.#inString = false;
        if (this.#inString || this.#depth > 0) continue;
      } else {
        if (!this.#begun) {
          if (isSpace(unit)) continue;
          this.#begun = true;
          start = i;
        }
        if (unit === QUOTE) this.#inString = true;
        else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) this.#depth++;
        else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) this.#depth--;
        else if (this.#depth > 0 || (i + 1 < text.length && !isSpace(text.charCodeAt(i + 1)))) continue;
      }
      if (this.#depth === 0 && !this.#inString) {
        this.#keep(text.slice(start, i + 1));
        documents.push(this.rest);
        this.#clear();
      }
    }
    if (this.#begun) this.#keep(text.slice(start));
    return documents;
  }

  #keep(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  #clear(): void {
    this.#parts = [];
    this.#length = 0;
    this.#begun = false;
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

const isSpace = (unit: number): boolean =>
  unit === 32 || (unit >= 9 && unit <= 13) || (unit > 127 && /\s/.test(String.fromCharCode(unit)));

/** The JSON documents that a text starts with, and what is left of an unfinished one. */
export function splitDocuments(text: string): { documents: string[]; rest: string } {
  const reader = new JSONDocuments();
  const documents = reader.add(text);
  return { documents, rest: reader.rest };
}
