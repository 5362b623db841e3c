/** xargs. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process } from '../program.ts';
import { type Applet, Failure } from './applet.ts';
import { parseOptions } from './options.ts';
import { runAndWait } from './running.ts';

/** Words of an input as xargs has them: blanks apart, quotes and backslashes resolved. */
function wordsOfInput(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const at = text[i]!;
    if (/[ \t\n]/.test(at)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (at === '"' || at === "'") {
      const end = text.indexOf(at, i + 1);
      if (end < 0) throw new Failure(`unmatched ${at === '"' ? 'double' : 'single'} quote`);
      word = (word ?? '') + text.slice(i + 1, end);
      i = end;
    } else if (at === '\\' && i + 1 < text.length) word = (word ?? '') + text[++i];
    else word = (word ?? '') + at;
  }
  if (word !== undefined) words.push(word);
  return words;
}

export const xargs: Applet = function* (process) {
  const options = parseOptions(process.args, {
    short: '+0n:L:l:I:i::rtps:P:d:E:e::a:x',
    long: {
      null: '0',
      'max-args=': 'n',
      'max-lines=': 'L',
      'replace?': 'i',
      'no-run-if-empty': 'r',
      verbose: 't',
      'max-procs=': 'P',
      'delimiter=': 'd',
    },
  });
  const command = options.operands.length > 0 ? options.operands : ['echo'];
  const path = options.value('a');
  const input = path === undefined ? yield* process.readAll(0) : process.files.read(path);
  const placeholder = options.value('I') ?? (options.has('i') ? options.value('i') || '{}' : undefined);
  const delimiter = options.has('0') ? '\0' : options.value('d')?.replace('\\n', '\n').replace('\\t', '\t');
  let items: string[];
  if (delimiter !== undefined)
    items = input.split(delimiter).filter((item, i, all) => i < all.length - 1 || item !== '');
  else if (placeholder !== undefined || options.has('L'))
    items = input
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  else items = wordsOfInput(input);
  const runs = commandLines(
    command,
    items,
    placeholder,
    options.has('L') ? Number(options.value('L')) : Number(options.value('n') ?? 0),
    options.has('r'),
    options.has('L'),
  );
  let status = 0;
  for (const args of runs) {
    process.work(10);
    if (options.has('t')) yield* process.write(2, bytesOf(`${args.join(' ')}\n`));
    const ended = yield* runAndWait(process, args, { descriptors: withoutInput(process) });
    if (ended === 126 || ended === 127) return ended;
    if (ended === 255) return 124;
    if (ended !== 0) status = 123;
  }
  return status;
};

/** The children of xargs read nothing. */
function withoutInput(process: Process): Map<number, number> {
  try {
    const empty = process.open('/dev/null', 'r');
    process.duplicate(empty, 0);
    process.close(empty);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
  return new Map([0, 1, 2].map((descriptor) => [descriptor, descriptor]));
}

function commandLines(
  command: readonly string[],
  items: readonly string[],
  placeholder: string | undefined,
  most: number,
  skipsEmpty: boolean,
  isByLine: boolean,
): string[][] {
  if (placeholder !== undefined) return items.map((item) => command.map((word) => word.replaceAll(placeholder, item)));
  const given = isByLine ? items.map((line) => wordsOfInput(line)) : items.map((item) => [item]);
  if (given.length === 0) return skipsEmpty ? [] : [[...command]];
  const size = most > 0 ? most : given.length;
  const lines: string[][] = [];
  for (let i = 0; i < given.length; i += size) lines.push([...command, ...given.slice(i, i + size).flat()]);
  return lines;
}
