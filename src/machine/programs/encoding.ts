/** base64, base32, od, hexdump, xxd: bytes as text. */
import type { Bytes } from '../bytes.ts';
import { type Applet, Failure } from './applet.ts';
import { cannotOpen, eachInput, plainWords, readInputs, writeAll } from './input.ts';
import { parseOptions, parseSize } from './options.ts';

const wrap = (text: string, width: number): string =>
  width === 0 ? text : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).map((line) => `${line}\n`).join('');

export const base64: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'dDw:i',
    long: { decode: 'd', 'wrap=': 'w', 'ignore-garbage': 'i' },
  });
  const width = Number(options.value('w') ?? 76);
  return yield* eachInput(process, options.operands, { dialect, words: plainWords }, function* ({ descriptor }) {
    const bytes = yield* process.readAll(descriptor);
    process.work(1 + bytes.length / 256);
    if (!options.has('d') && !options.has('D')) {
      yield* writeAll(process, wrap(btoa(bytes), width));
      return;
    }
    const { text, isWhole } = decode(bytes.replace(options.has('i') ? /[^A-Za-z0-9+/=]/g : /\s/g, ''));
    yield* writeAll(process, text);
    if (!isWhole) throw new Failure(dialect === 'gnu' ? 'invalid input' : 'truncated base64 input');
  });
};

/** As much as is right of a text in base64. */
function decode(text: string): { text: Bytes; isWhole: boolean } {
  const [right] = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(text)!;
  return { text: atob(right), isWhole: right.length === text.length };
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
const printable = (bytes: Bytes): string => bytes.replace(/[^ -~]/g, '.');

function rows(bytes: Bytes, width: number): { offset: number; row: Bytes }[] {
  const found: { offset: number; row: Bytes }[] = [];
  for (let offset = 0; offset < bytes.length; offset += width)
    found.push({ offset, row: bytes.slice(offset, offset + width) });
  return found;
}

/** Lines of rows; those that are as the one before are one `*`, unless all are wanted. */
function dump(
  all: readonly { offset: number; row: Bytes }[],
  isWhole: boolean,
  line: (offset: number, row: Bytes) => string,
): string {
  let out = '';
  for (const [i, { offset, row }] of all.entries()) {
    const isSame = !isWhole && i > 0 && row === all[i - 1]!.row;
    if (!isSame) out += line(offset, row);
    else if (i < 2 || row !== all[i - 2]!.row) out += '*\n';
  }
  return out;
}

export const xxd: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'c:g:l:s:rpiu' });
  const width = Number(options.value('c') ?? (options.has('p') ? 30 : 16));
  const group = Number(options.value('g') ?? 2);
  return yield* eachInput(process, options.operands, { dialect, words: cannotOpen }, function* ({ descriptor }) {
    const all = yield* process.readAll(descriptor);
    process.work(1 + all.length / 64);
    if (options.has('r')) {
      const digits = options.has('p') ? all : all.replace(/^\w+:/gm, '').replace(/ {2}.*$/gm, '');
      yield* writeAll(
        process,
        (digits.replace(/\s/g, '').match(/../g) ?? [])
          .map((pair) => String.fromCharCode(Number.parseInt(pair, 16)))
          .join(''),
      );
      return;
    }
    const from = parseSize(options.value('s') ?? '0') ?? 0;
    const bytes = all.slice(from, options.has('l') ? from + (parseSize(options.value('l')!) ?? 0) : undefined);
    const digitsOf = (row: Bytes): string[] => [...row].map((character) => hex(character.charCodeAt(0), 2));
    if (options.has('p')) {
      yield* writeAll(
        process,
        rows(bytes, width)
          .map(({ row }) => `${digitsOf(row).join('')}\n`)
          .join(''),
      );
      return;
    }
    const whole = width * 2 + Math.ceil(width / group);
    const text = rows(bytes, width).map(({ offset, row }) => {
      const shown = digitsOf(row)
        .map((pair, i) => pair + ((i + 1) % group === 0 ? ' ' : ''))
        .join('');
      return `${hex(from + offset, 8)}: ${shown.padEnd(whole)} ${printable(row)}\n`;
    });
    yield* writeAll(process, text.join(''));
  });
};

export const hexdump: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'Cvn:s:bcdoxe:' });
  const { texts, status } = yield* readInputs(process, options.operands, { dialect, words: plainWords });
  const from = parseSize(options.value('s') ?? '0') ?? 0;
  const all = texts.join('').slice(from, options.has('n') ? from + (parseSize(options.value('n')!) ?? 0) : undefined);
  process.work(1 + all.length / 64);
  const isCanonical = options.has('C');
  const line = (offset: number, row: Bytes): string => {
    const position = hex(from + offset, isCanonical ? 8 : 7);
    if (!isCanonical)
      return `${position} ${wordsOf(row)
        .map((word) => hex(word, 4))
        .join(' ')}\n`;
    const pairs = [...row].map((character) => hex(character.charCodeAt(0), 2));
    const halves = `${pairs.slice(0, 8).join(' ').padEnd(23)}  ${pairs.slice(8).join(' ').padEnd(23)}`;
    return `${position}  ${halves}  |${printable(row)}|\n`;
  };
  const end = all === '' ? '' : `${hex(from + all.length, isCanonical ? 8 : 7)}\n`;
  yield* writeAll(process, dump(rows(all, 16), options.has('v'), line) + end);
  return status;
};

/** Two bytes each, the lower first. */
const wordsOf = (row: Bytes): number[] =>
  rows(row, 2).map(({ row: pair }) => pair.charCodeAt(0) | ((pair.charCodeAt(1) || 0) << 8));

const NAMES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** How od shows a row, by what -t asks for. */
function odCells(type: string, row: Bytes): string {
  const each = (width: number, text: (code: number) => string): string =>
    [...row].map((character) => text(character.charCodeAt(0)).padStart(width)).join('');
  if (type === 'c')
    return each(
      4,
      (code) =>
        NAMES[String.fromCharCode(code)] ??
        (code >= 32 && code < 127 ? String.fromCharCode(code) : code.toString(8).padStart(3, '0')),
    );
  if (type === 'x1') return each(3, (code) => hex(code, 2));
  if (type === 'o1' || type === 'b') return each(4, (code) => code.toString(8).padStart(3, '0'));
  if (type === 'u1') return each(4, String);
  if (type === 'd1') return each(5, (code) => String(code > 127 ? code - 256 : code));
  if (type === 'x4' || type === 'x') {
    return rows(row, 4)
      .map(
        ({ row: four }) =>
          ` ${hex(
            [...four].reduce((sum, character, i) => sum + character.charCodeAt(0) * 256 ** i, 0),
            8,
          )}`,
      )
      .join('');
  }
  if (type === 'x2')
    return wordsOf(row)
      .map((word) => ` ${hex(word, 4)}`)
      .join('');
  if (type === 'd2' || type === 'u2' || type === 'd')
    return wordsOf(row)
      .map((word) => ` ${String(word).padStart(5)}`)
      .join('');
  return wordsOf(row)
    .map((word) => ` ${word.toString(8).padStart(6, '0')}`)
    .join('');
}

export const od: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'A:t:N:j:vbcdoxw::',
    long: { 'address-radix=': 'A', 'format=': 't', 'read-bytes=': 'N', 'skip-bytes=': 'j' },
  });
  const chunks: Bytes[] = [];
  const status = yield* eachInput(
    process,
    options.operands,
    { dialect, words: plainWords },
    function* ({ descriptor }) {
      const most = options.has('N')
        ? (parseSize(options.value('N')!) ?? 0) + (parseSize(options.value('j') ?? '0') ?? 0)
        : undefined;
      if (most === undefined) chunks.push(yield* process.readAll(descriptor));
      else {
        let held = '';
        while (held.length < most) {
          const more = yield* process.read(descriptor, most - held.length);
          if (more === '') break;
          held += more;
        }
        chunks.push(held);
      }
    },
  );
  const from = parseSize(options.value('j') ?? '0') ?? 0;
  const all = chunks.join('').slice(from);
  process.work(1 + all.length / 64);
  const short = ['b', 'c', 'd', 'o', 'x'].find((letter) => options.has(letter));
  const type = options.value('t')?.replace(/z$/, '') ?? (short === 'x' ? 'x2' : short === 'o' ? 'o2' : (short ?? 'o2'));
  const radix = options.value('A') ?? 'o';
  const position = (offset: number): string =>
    radix === 'n' ? '' : radix === 'x' ? hex(offset, 6) : offset.toString(radix === 'd' ? 10 : 8).padStart(7, '0');
  const line = (offset: number, row: Bytes): string => `${position(from + offset)}${odCells(type, row)}\n`;
  const end = radix === 'n' ? '' : `${position(from + all.length)}\n`;
  yield* writeAll(process, dump(rows(all, Number(options.value('w') || 16)), options.has('v'), line) + end);
  return status;
};
