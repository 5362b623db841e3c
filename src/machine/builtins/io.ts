/** Builtins that print, read and move about: echo, printf, pwd, cd, read. */
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import { echoText, printfText, resolveEscapes } from '../programs/printf.ts';
import { complain, complainPlainly } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';
import { parameterValue, separators, setElement, setVariable } from '../shell/variables.ts';
import { type BuiltinRun, illegalOption, optionsOf, wrong } from './builtin.ts';

/** dash takes escapes always, and no option but `-n`. */
function dashEcho(words: readonly string[]): string {
  const isOpen = words[1] === '-n';
  const { text, isOver } = resolveEscapes(words.slice(isOpen ? 2 : 1).join(' '), 'with-zero');
  return isOpen || isOver ? text : `${text}\n`;
}

export const echo: BuiltinRun = function* (shell, words) {
  const isPlain = words.length === 2 && !words[1]!.startsWith('-') && shell.state.dialect !== 'dash';
  const text = isPlain ? `${words[1]}\n` : shell.state.dialect === 'dash' ? dashEcho(words) : echoText(words.slice(1));
  yield* shell.process.write(1, text);
  return 0;
};

export const printf: BuiltinRun = function* (shell, words) {
  let args = words.slice(1);
  let into: string | undefined;
  if (args[0] === '-v' && shell.state.dialect === 'bash') {
    into = args[1];
    args = args.slice(2);
  } else if (args[0] === '--') args = args.slice(1);
  const format = args[0];
  if (format === undefined) {
    const ash = 'usage: printf FORMAT [ARGUMENT...]';
    if (shell.state.dialect === 'bash') yield* shell.tell('printf: usage: printf [-v var] format [arguments]');
    else yield* complainPlainly(shell, 'printf', { ash, dash: 'usage: printf format [arg ...]', bash: ash });
    return 2;
  }
  const { out, errors } = printfText(format, args.slice(1));
  if (into !== undefined) setVariable(shell, into, out);
  else if (out !== '') yield* shell.process.write(1, out);
  for (const error of errors) yield* tellFormat(shell, error);
  return errors.length > 0 ? 1 : 0;
};

function* tellFormat(shell: Shell, error: string): Run {
  const number = /^invalid number '(.*)'$/s.exec(error)?.[1];
  if (number === undefined)
    yield* complainPlainly(shell, 'printf', { ash: error, dash: error.replace('format', 'directive'), bash: error });
  else {
    const words = { ash: error, dash: `${number}: expected numeric value`, bash: `${number}: invalid number` };
    yield* complainPlainly(shell, 'printf', words);
  }
}

export const pwd: BuiltinRun = function* (shell, words) {
  const { letters, bad } = optionsOf(words, 'LP');
  if (bad) return yield* wrong(shell, illegalOption(bad), 'pwd', 2);
  const { process } = shell;
  yield* shell.print(`${letters.has('P') ? process.files.real('.') : placeOf(shell)}\n`);
  return 0;
};

const placeOf = (shell: Shell): string => parameterValue(shell, 'PWD') ?? shell.process.cwd;

/** A path without `.` and `..`, by its names alone. */
function logical(place: string, path: string): string {
  const names: string[] = [];
  for (const name of `${path.startsWith('/') ? '' : place}/${path}`.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

export const cd: BuiltinRun = function* (shell, words) {
  const { letters, rest, bad } = optionsOf(words[1] === '-' ? [words[0]!, '--', '-'] : words, 'LPe@');
  if (bad) return yield* wrong(shell, illegalOption(bad), 'cd', 2);
  if (rest.length > 1 && shell.state.dialect === 'bash') return yield* wrong(shell, 'too many arguments', 'cd', 1);
  const { process } = shell;
  let to = rest[0] ?? parameterValue(shell, 'HOME');
  if (to === undefined) return shell.state.dialect === 'bash' ? yield* wrong(shell, 'HOME not set', 'cd', 1) : 0;
  let isShown = false;
  if (to === '-') {
    to = parameterValue(shell, 'OLDPWD') ?? (shell.state.dialect === 'bash' ? undefined : placeOf(shell));
    if (to === undefined) return yield* wrong(shell, 'OLDPWD not set', 'cd', 1);
    isShown = true;
  }
  const targets = /^\.{0,2}(?:\/|$)/.test(to)
    ? [to]
    : [
        ...(parameterValue(shell, 'CDPATH') ?? '')
          .split(':')
          .filter(Boolean)
          .map((each) => `${each}/${to}`),
        to,
      ];
  const found = targets.find((each) => process.files.exists(each)) ?? to;
  const path = letters.has('P') ? found : logical(placeOf(shell), found);
  try {
    if (process.files.stat(path === '' ? '.' : path).kind !== 'directory') throw new Errno('ENOTDIR');
    if (!process.files.access(path, 1)) throw new Errno('EACCES');
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const ash = `can't cd to ${to}`;
    return yield* wrong(
      shell,
      { ash: `${ash}: ${error.message}`, dash: ash, bash: `${to}: ${error.message}` },
      'cd',
      shell.state.dialect === 'bash' ? 1 : 2,
    );
  }
  const place = letters.has('P') ? process.files.real(path) : path;
  setVariable(shell, 'OLDPWD', placeOf(shell), { isExported: true });
  process.cwd = place;
  setVariable(shell, 'PWD', place, { isExported: true });
  if (isShown || found !== to) yield* shell.print(`${place}\n`);
  return 0;
};

/** Options of `read`: those with a value take it from the same word or the next. */
function readOptions(
  words: readonly string[],
  known: string,
): {
  flags: Set<string>;
  values: Map<string, string>;
  names: string[];
  bad?: string;
} {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  let i = 1;
  for (; i < words.length && /^-./.test(words[i]!); i++) {
    const word = words[i]!;
    if (word === '--') {
      i++;
      break;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j]!;
      if ('rs'.includes(letter)) flags.add(letter);
      else if (known.includes(letter)) {
        values.set(letter, word.slice(j + 1) || (words[++i] ?? ''));
        break;
      } else return { flags, values, names: [], bad: letter };
    }
  }
  return { flags, values, names: words.slice(i) };
}

/** Reads up to the delimiter. @returns the text without it, and whether it was there */
function* readUntil(
  shell: Shell,
  descriptor: number,
  how: { isRaw: boolean; delimiter: string; count: number | undefined },
): Run<{ text: string; isEnded: boolean }> {
  const { process } = shell;
  let text = '';
  for (;;) {
    if (how.count === undefined && how.delimiter === '\n') {
      const line = yield* process.readLine(descriptor);
      text += line;
      if (!line.endsWith('\n')) return { text: how.isRaw ? text : escapedMarks(text), isEnded: false };
      if (how.isRaw || !/(?:^|[^\\])(?:\\\\)*\\\n$/.test(line)) {
        const whole = text.slice(0, -1);
        return { text: how.isRaw ? whole : escapedMarks(whole), isEnded: true };
      }
      text = text.slice(0, -2);
      continue;
    }
    const byte = yield* process.read(descriptor, 1);
    if (byte === '') return { text, isEnded: false };
    if (byte === how.delimiter) return { text, isEnded: true };
    text += byte;
    if (how.count !== undefined && text.length >= how.count) return { text, isEnded: true };
  }
}

/** What a backslash stood before is marked, so that it is not cut. */
const MARK = '\x01';
const escapedMarks = (text: string): string =>
  text.replace(/\\(.?)/gs, (_, next: string) => (next === '' ? '' : MARK + next));
const unmarked = (text: string): string => text.replaceAll(MARK, '');

/** Cuts a line into as many fields as there are names; the last has the rest. */
function fieldsOf(text: string, ifs: string, count: number): string[] {
  const blanks = [...ifs].filter((each) => ' \t\n'.includes(each));
  const isBlank = (i: number): boolean => blanks.includes(text[i] ?? '') && text[i - 1] !== MARK;
  const isSeparator = (i: number): boolean => ifs.includes(text[i]!) && text[i - 1] !== MARK;
  const fields: string[] = [];
  let i = 0;
  while (i < text.length && isBlank(i)) i++;
  while (fields.length < count - 1 && i < text.length) {
    let end = i;
    while (end < text.length && !isSeparator(end)) end++;
    fields.push(text.slice(i, end));
    i = end;
    while (i < text.length && isBlank(i)) i++;
    if (i < text.length && isSeparator(i) && (i === end || !isBlank(i))) {
      i++;
      while (i < text.length && isBlank(i)) i++;
    }
  }
  let rest = text.length;
  while (rest > i && isBlank(rest - 1)) rest--;
  let last = text.slice(i, rest);
  // One separator behind the last field belongs to it no more than blanks do.
  if (last !== '' && isSeparator(rest - 1) && ![...last.slice(0, -1)].some((each) => ifs.includes(each)))
    last = last.slice(0, -1);
  fields.push(last);
  return fields.map(unmarked);
}

export const read: BuiltinRun = function* (shell, words) {
  const { flags, values, names, bad } = readOptions(words, shell.state.dialect === 'dash' ? 'p' : 'pntduaNi');
  if (bad) return yield* wrong(shell, illegalOption(bad), 'read', 2);
  const wrongName = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (wrongName !== undefined) {
    const plain = `${wrongName}: bad variable name`;
    const message = {
      ash: `read: '${wrongName}': bad variable name`,
      dash: plain,
      bash: `\`${wrongName}': not a valid identifier`,
    };
    yield* complainPlainly(shell, 'read', message);
    return shell.state.dialect === 'dash' ? 2 : 1;
  }
  const prompt = values.get('p');
  if (prompt !== undefined && shell.process.isTerminal(0)) yield* shell.process.write(2, prompt);
  const count = values.get('n') ?? values.get('N');
  const how = {
    isRaw: flags.has('r'),
    delimiter: values.has('d') ? (values.get('d')![0] ?? '\0') : '\n',
    count: count === undefined ? undefined : Number(count),
  };
  let result: { text: string; isEnded: boolean };
  try {
    result = yield* readUntil(shell, Number(values.get('u') ?? 0), how);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code !== 'EINTR') yield* complain(shell, `read error: ${error.message}`, 'read');
    return error.code === 'EINTR' ? 130 : 1;
  }
  const array = values.get('a');
  if (array !== undefined) {
    shell.state.variables.delete(array);
    const all = fieldsOf(result.text, separators(shell), Number.POSITIVE_INFINITY);
    for (const [i, field] of all.filter((each, j) => each !== '' || j < all.length - 1).entries())
      setElement(shell, array, String(i), field);
  } else if (names.length === 0) setVariable(shell, 'REPLY', unmarked(result.text));
  else {
    const fields = fieldsOf(result.text, separators(shell), names.length);
    for (const [i, name] of names.entries()) setVariable(shell, name, fields[i] ?? '');
  }
  return result.isEnded ? 0 : 1;
};
