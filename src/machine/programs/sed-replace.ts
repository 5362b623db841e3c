/** The parts of sed that only make text of text. */
import type { Part } from './sed-script.ts';

/** A line as `l` shows it. */
export function visible(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
    '\x07': '\\a',
    '\b': '\\b',
  };
  return text.replace(
    /[^ -[\]-~]/g,
    (character) => names[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}

/** A replacement, with the groups of what was found. */
export function replace(parts: readonly Part[], groups: readonly (string | undefined)[]): string {
  let out = '';
  let all: 'U' | 'L' | undefined;
  let one: 'u' | 'l' | undefined;
  for (const part of parts) {
    if ('case' in part) {
      if (part.case === 'u' || part.case === 'l') one = part.case;
      else all = part.case === 'E' ? undefined : part.case;
      continue;
    }
    let text = 'text' in part ? part.text : (groups[part.group] ?? '');
    if (all !== undefined) text = all === 'U' ? text.toUpperCase() : text.toLowerCase();
    if (one !== undefined && text !== '') {
      text = (one === 'u' ? text[0]!.toUpperCase() : text[0]!.toLowerCase()) + text.slice(1);
      one = undefined;
    }
    out += text;
  }
  return out;
}
