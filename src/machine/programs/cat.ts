/** cat and tac. */
import { type Applet, complain, UsageError } from './applet.ts';
import { CHUNK, cannotOpen, eachInput, eachLine, linesOf, writeAll } from './input.ts';
import { parseOptions } from './options.ts';

const visible = (text: string, showsTabs: boolean): string => {
  let out = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    const low = code & 127;
    const prefix = code > 127 ? 'M-' : '';
    if (character === '\t' && !showsTabs) out += character;
    else if (low < 32) out += `${prefix}^${String.fromCharCode(low + 64)}`;
    else out += low === 127 ? `${prefix}^?` : prefix + String.fromCharCode(low);
  }
  return out;
};

export const cat: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'nbsvteAETu',
    long: {
      number: 'n',
      'number-nonblank': 'b',
      'squeeze-blank': 's',
      'show-all': 'A',
      'show-ends': 'E',
      'show-tabs': 'T',
    },
  });
  const has = (letters: string): boolean => [...letters].some((letter) => options.has(letter));
  const isPlain = !has('nbsvteAET');
  let number = 0;
  let wasBlank = false;
  const line = (text: string, isWhole: boolean): string => {
    const isBlank = text === '' && isWhole;
    if (options.has('s') && isBlank && wasBlank) return '';
    wasBlank = isBlank;
    const shown = has('vteAET') ? visible(text, has('tAT')) : text;
    const counted = options.has('b') ? !isBlank : options.has('n');
    const prefix = counted ? `${String(++number).padStart(6)}\t` : '';
    const isEnded = isWhole || (has('nb') && dialect === 'busybox');
    return prefix + shown + (isEnded ? `${has('eAE') ? '$' : ''}\n` : '');
  };
  return yield* eachInput(process, options.operands, { dialect, words: cannotOpen }, function* ({ descriptor }) {
    if (!isPlain) {
      yield* eachLine(process, descriptor, line);
      return;
    }
    for (;;) {
      const chunk = yield* process.read(descriptor, CHUNK);
      if (chunk === '') return;
      yield* process.write(1, chunk);
    }
  });
};

export const tac: Applet = function* (process, dialect) {
  const { operands } = parseOptions(process.args, { short: '' });
  return yield* eachInput(process, operands, { dialect, words: cannotOpen }, function* ({ descriptor }) {
    const lines = linesOf(yield* process.readAll(descriptor));
    yield* writeAll(
      process,
      lines
        .reverse()
        .map((line) => `${line}\n`)
        .join(''),
    );
  });
};

export const tee: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'ai', long: { append: 'a', 'ignore-interrupts': 'i' } });
  if (options.has('i')) process.handle('INT', 'ignore');
  const outputs = [1];
  let status = 0;
  for (const path of options.operands) {
    try {
      outputs.push(path === '-' ? 1 : process.open(path, options.has('a') ? 'a' : 'w'));
    } catch (error) {
      yield* complain(process, `${path}: ${(error as Error).message}`);
      status = 1;
    }
  }
  for (;;) {
    const chunk = yield* process.read(0, CHUNK);
    if (chunk === '') return status;
    for (const descriptor of outputs) yield* process.write(descriptor, chunk);
  }
};

/** How much yes writes at once. */
const YES_CHUNK = 4096;

export const yes: Applet = function* (process) {
  const line = `${process.args.length > 1 ? process.args.slice(1).join(' ') : 'y'}\n`;
  const chunk = line.repeat(Math.max(1, Math.floor(YES_CHUNK / line.length)));
  for (;;) yield* process.write(1, chunk);
};

/** Numbers that seq makes between two writes. */
const SEQ_BATCH = 1000;

export const seq: Applet = function* (process, dialect) {
  const flags: string[] = [];
  const numbers: string[] = [];
  const args = process.args.slice(1);
  // Negative numbers are no options, so getopt is of no use here.
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-s') flags.push(`s${args[++i] ?? ''}`);
    else if (/^-[swf]./.test(arg) || arg === '-w') flags.push(arg.slice(1));
    else numbers.push(arg);
  }
  if (numbers.length === 0 || numbers.length > 3) throw new UsageError('');
  const invalid = numbers.find((number) => number.trim() === '' || !Number.isFinite(Number(number)));
  if (invalid !== undefined) {
    throw new UsageError(dialect === 'gnu' ? `invalid floating point argument: '${invalid}'` : '');
  }
  const [first, step, last] =
    numbers.length === 1
      ? ['1', '1', numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, '1', numbers[1]!]
        : (numbers as [string, string, string]);
  const decimals = Math.max(...[first, step].map((number) => (number.split('.')[1] ?? '').length));
  const print = (value: number): string => value.toFixed(decimals);
  const isPadded = flags.includes('w');
  const separator = flags.findLast((flag) => flag.startsWith('s'))?.slice(1) ?? '\n';
  const width = isPadded ? Math.max(print(Number(first)).length, print(Number(last)).length) : 0;
  const increment = Number(step);
  let text = '';
  for (let i = 0; ; i++) {
    const value = Number(first) + i * increment;
    const isOver = increment > 0 ? value > Number(last) + 1e-9 : value < Number(last) - 1e-9;
    if (isOver) break;
    const shown = print(value);
    const padded = shown.startsWith('-') ? `-${shown.slice(1).padStart(width - 1, '0')}` : shown.padStart(width, '0');
    text += (i > 0 ? separator : '') + padded;
    if (i % SEQ_BATCH === SEQ_BATCH - 1) {
      process.work(SEQ_BATCH);
      yield* process.write(1, text);
      text = '';
    }
  }
  if (text !== '' || Number(first) <= Number(last)) yield* writeAll(process, `${text}\n`);
  return 0;
};
