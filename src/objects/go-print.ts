/** How Go prints what JSON holds, for messages that quote it. */
import { MAX_QUOTED } from './field-error.ts';

/** `%v` of what JSON holds, as Go prints it in messages; what is long is cut, so that no error sends a document back. */
export function printGo(value: unknown): string {
  const printer = new Printer();
  printer.print(value);
  return printer.text.length > MAX_QUOTED ? `${printer.text.slice(0, MAX_QUOTED)} ...` : printer.text;
}

class Printer {
  text = '';

  print(value: unknown): void {
    if (this.text.length > MAX_QUOTED) return;
    if (value === null || value === undefined) this.text += '<nil>';
    else if (typeof value !== 'object') this.text += String(value);
    else if (Array.isArray(value)) this.#parts('[', value, (item) => this.print(item));
    else {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      this.#parts('map[', entries, ([key, part]) => {
        this.text += `${key}:`;
        this.print(part);
      });
    }
  }

  #parts<T>(open: string, parts: readonly T[], print: (part: T) => void): void {
    this.text += open;
    for (const [i, part] of parts.entries()) {
      if (this.text.length > MAX_QUOTED) return;
      if (i > 0) this.text += ' ';
      print(part);
    }
    this.text += ']';
  }
}

const sorted = (map: object): [string, unknown][] => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));

/** `%T`. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** `%#v`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value === 'object') {
    const entries = sorted(value).map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`);
    return `map[string]interface {}{${entries.join(', ')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
