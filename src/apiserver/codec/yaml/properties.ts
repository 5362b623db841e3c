/** A node's properties as they are written: `&anchor`, `*alias` and `!tag`. models go.yaml.in/yaml/v2/scannerc.go */
import { isBlankOrEnd, isWord, type Reader } from './reader.ts';

const AFTER_ANCHOR = new Set([...'?:,]}%@`'].map((c) => c.charCodeAt(0)));

const URI = new Set([..."-_;/?:@&=+$,.!~*'()[]%"].map((c) => c.charCodeAt(0)));

/** The name of an anchor or of an alias, whose sign is next. */
export function readAnchor(reader: Reader): string {
  const { line } = reader;
  reader.at++;
  const name = reader.readWhile(isWord);
  if (name === '' || !(isBlankOrEnd(reader.peek()) || AFTER_ANCHOR.has(reader.peek())))
    throw reader.failure(line, 'did not find expected alphabetic or numeric character');
  return name;
}

function readURI(reader: Reader, line: number): string {
  const uri = reader.readWhile((c) => isWord(c) || URI.has(c));
  if (/%(?![0-9a-fA-F]{2})/.test(uri)) throw reader.failure(line, 'did not find URI escaped octet');
  return uri;
}

/** A tag, whose sign is next; without a handle when it is written out. */
export function readTag(reader: Reader): { handle: string; suffix: string } {
  const { line } = reader;
  let [handle, suffix] = ['', ''];
  reader.at++;
  if (reader.peek() === 60) {
    reader.at++;
    suffix = readURI(reader, line);
    if (reader.peek() !== 62) throw reader.failure(line, "did not find the expected '>'");
    reader.at++;
  } else {
    const name = reader.readWhile(isWord);
    if (reader.peek() === 33) {
      reader.at++;
      handle = `!${name}!`;
      suffix = readURI(reader, line);
      if (suffix === '') throw reader.failure(line, 'did not find expected tag URI');
    } else {
      suffix = name + readURI(reader, line);
      if (suffix === '') suffix = '!';
      else handle = '!';
    }
  }
  if (!isBlankOrEnd(reader.peek())) throw reader.failure(line, 'did not find expected whitespace or line break');
  return { handle, suffix };
}
