/** grep, egrep and fgrep. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain, type Dialect, Failure, nameOf, UsageError } from './applet.ts';
import { fileMatcher } from './glob.ts';
import { eachLine, openInput, plainWords, STOP, writeAll } from './input.ts';
import { type Options, parseOptions } from './options.ts';
import { joinPath } from './paths.ts';
import { compileRegex, type Match, type Regex } from './regex.ts';

const LONG = {
  'extended-regexp': 'E',
  'fixed-strings': 'F',
  'basic-regexp': 'G',
  'perl-regexp': 'P',
  'ignore-case': 'i',
  'invert-match': 'v',
  'word-regexp': 'w',
  'line-regexp': 'x',
  count: 'c',
  'files-with-matches': 'l',
  'files-without-match': 'L',
  'max-count=': 'm',
  'only-matching': 'o',
  quiet: 'q',
  silent: 'q',
  'no-messages': 's',
  'line-number': 'n',
  'with-filename': 'H',
  'no-filename': 'h',
  recursive: 'r',
  'after-context=': 'A',
  'before-context=': 'B',
  'context=': 'C',
  'regexp=': 'e',
  'file=': 'f',
  'color?': 'colour',
  'colour?': 'colour',
  'include=': 'include',
  'exclude=': 'exclude',
  text: 'a',
  'line-buffered': 'u',
};

interface Search {
  process: Process;
  dialect: Dialect;
  options: Options;
  /** The first place of a line that matches, from an offset on. */
  find(line: string, from: number): Match | undefined;
  isNamed: boolean;
  before: number;
  after: number;
  most: number;
}

function finder(patterns: readonly string[], options: Options, isExtended: boolean, isFixed: boolean): Search['find'] {
  const quoted = (pattern: string): string => (isFixed ? pattern.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&') : pattern);
  const regexes = patterns.map((pattern): Regex => {
    const inner = quoted(pattern);
    const whole = isExtended || isFixed ? `^(${inner})$` : `^\\(${inner}\\)$`;
    return compileRegex(options.has('x') ? whole : inner, {
      isExtended: isExtended || isFixed,
      ignoresCase: options.has('i'),
    });
  });
  const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character);
  const findOne = (regex: Regex, line: string, from: number): Match | undefined => {
    for (let at = from; at <= line.length; ) {
      const match = regex.find(line, at);
      if (match === undefined || !options.has('w')) return match;
      if (!isWord(line[match.start - 1]) && !isWord(line[match.end]) && match.end > match.start) return match;
      at = match.start + 1;
    }
    return undefined;
  };
  return (line, from) => {
    let best: Match | undefined;
    for (const regex of regexes) {
      const match = findOne(regex, line, from);
      if (match === undefined) continue;
      if (best === undefined || match.start < best.start || (match.start === best.start && match.end > best.end))
        best = match;
    }
    return best;
  };
}

export const grep: Applet = function* (process, dialect) {
  const args = process.args.flatMap((arg, i) => (i > 0 && /^-\d+$/.test(arg) ? ['-C', arg.slice(1)] : [arg]));
  const options = parseOptions(args, { short: 'EFGPivwxclLm:oqsnHhrRA:B:C:e:f:aIzuy', long: LONG });
  const { operands } = options;
  const patterns = options.values('e').flatMap((text) => text.split('\n'));
  for (const path of options.values('f')) patterns.push(...process.files.read(path).replace(/\n$/, '').split('\n'));
  if (!options.has('e') && !options.has('f')) {
    const pattern = operands.shift();
    if (pattern === undefined) throw new UsageError('', 2);
    patterns.push(...pattern.split('\n'));
  }
  const name = nameOf(process);
  const isFixed = options.has('F') || name === 'fgrep';
  const isExtended = !isFixed && (options.has('E') || options.has('P') || name === 'egrep');
  const isRecursive = options.has('r') || options.has('R');
  const paths = operands.length > 0 ? operands : [isRecursive ? '.' : '-'];
  const context = Number(options.value('C') ?? 0);
  const patternFinder = (sources: readonly string[]): Search['find'] => {
    try {
      return finder(sources, options, isExtended, isFixed);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const [, own, words] = /^(bad regex '.*'): (.*)$/s.exec(error.message) ?? [];
      throw new Failure((dialect === 'gnu' ? words : own) ?? error.message, 2);
    }
  };
  const search: Search = {
    process,
    dialect,
    options,
    find: patternFinder(patterns.map(options.has('P') ? withoutPerl : (pattern) => pattern)),
    isNamed: !options.has('h') && (options.has('H') || paths.length > 1 || isRecursive),
    before: Number(options.value('B') ?? context),
    after: Number(options.value('A') ?? context),
    most: options.has('m') ? Number(options.value('m')) : Number.POSITIVE_INFINITY,
  };
  let hasFound = false;
  let hasFailed = false;
  for (const path of filesOf(search, paths, isRecursive)) {
    const found = yield* searchFile(search, path);
    if (found === undefined) hasFailed = true;
    else if (found) hasFound = true;
    if (hasFound && options.has('q')) return 0;
  }
  return hasFailed ? 2 : hasFound ? 0 : 1;
};

/** The few of Perl's letters that people use with -P. */
const withoutPerl = (pattern: string): string =>
  pattern.replace(/\\d/g, '[0-9]').replace(/\\D/g, '[^0-9]').replace(/\(\?:/g, '(');

function filesOf({ process, options }: Search, paths: readonly string[], isRecursive: boolean): string[] {
  if (!isRecursive) return [...paths];
  const includes = options.values('include').map((pattern) => fileMatcher(pattern));
  const excludes = options.values('exclude').map((pattern) => fileMatcher(pattern));
  const found: string[] = [];
  const walk = (path: string, isNamedByUser: boolean): void => {
    process.work(1);
    let kind: string;
    try {
      kind = (isNamedByUser ? process.files.stat(path) : process.files.lstat(path)).kind;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      found.push(path);
      return;
    }
    const name = path.replace(/^.*\//, '');
    if (kind === 'directory')
      for (const entry of process.files.list(path).toSorted()) walk(joinPath(path, entry), false);
    else if (kind === 'file' || isNamedByUser) {
      const isIncluded = includes.length === 0 || includes.some((matches) => matches(name));
      if (isIncluded && !excludes.some((matches) => matches(name))) found.push(path);
    }
  };
  for (const path of paths) walk(path, true);
  return found;
}

/** @returns whether something was found; undefined: it could not be read */
function* searchFile(search: Search, path: string): Run<boolean | undefined> {
  const { process, options, dialect } = search;
  const silent = options.has('s');
  if (silent && path !== '-' && !(process.files.exists(path) && process.files.access(path, 4))) return undefined;
  if (path !== '-' && process.files.exists(path) && process.files.stat(path).kind === 'directory') {
    if (dialect === 'gnu' || !silent) yield* complain(process, `${path}: Is a directory`);
    return dialect === 'gnu' ? false : undefined;
  }
  const descriptor = yield* openInput(process, path, dialect, plainWords);
  if (descriptor === undefined) return undefined;
  const printer = new Printer(search, path === '-' ? '(standard input)' : path);
  yield* eachLine(process, descriptor, (line) => printer.take(line));
  if (descriptor !== 0) process.close(descriptor);
  yield* writeAll(process, printer.summary());
  return printer.found > 0 !== options.has('L');
}

/** What grep prints of one file, line by line. */
class Printer {
  found = 0;
  #number = 0;
  #shownTo = 0;
  #after = 0;
  readonly #waiting: { line: string; number: number }[] = [];
  readonly #search: Search;
  readonly #path: string;
  readonly #isQuiet: boolean;

  constructor(search: Search, path: string) {
    this.#search = search;
    this.#path = path;
    this.#isQuiet = ['c', 'l', 'L', 'q'].some((letter) => search.options.has(letter));
  }

  take(line: string): Bytes | typeof STOP | undefined {
    const { options, find, most } = this.#search;
    if (this.found >= most && this.#after === 0) return STOP;
    this.#number++;
    const match = this.found >= most ? undefined : find(line, 0);
    if ((match !== undefined) === options.has('v') || this.found >= most) return this.#context(line);
    this.found++;
    if (this.#isQuiet) return options.has('c') ? undefined : STOP;
    if (options.has('o')) return options.has('v') ? undefined : this.#parts(line, match!);
    const { before, after } = this.#search;
    let out = this.#gap(this.#waiting[0]?.number ?? this.#number);
    for (const waiting of this.#waiting.splice(0)) out += this.#line(waiting.line, waiting.number, '-');
    out += this.#line(line, this.#number, ':');
    this.#after = after;
    this.#shownTo = before + after > 0 ? this.#number : 0;
    return out;
  }

  #context(line: string): Bytes | undefined {
    if (this.#isQuiet || this.#search.options.has('o')) return undefined;
    if (this.#after > 0) {
      this.#after--;
      this.#shownTo = this.#number;
      return this.#line(line, this.#number, '-');
    }
    if (this.#search.before === 0) return undefined;
    this.#waiting.push({ line, number: this.#number });
    if (this.#waiting.length > this.#search.before) this.#waiting.shift();
    return undefined;
  }

  #gap(next: number): string {
    const { before, after } = this.#search;
    return before + after > 0 && this.#shownTo > 0 && next > this.#shownTo + 1 ? '--\n' : '';
  }

  #line(line: string, number: number, mark: string): string {
    const { isNamed, options } = this.#search;
    return `${isNamed ? this.#path + mark : ''}${options.has('n') ? number + mark : ''}${line}\n`;
  }

  #parts(line: string, first: Match): string {
    let out = '';
    for (let match: Match | undefined = first; match !== undefined; ) {
      if (match.end > match.start) out += this.#line(line.slice(match.start, match.end), this.#number, ':');
      const next: number = match.end > match.start ? match.end : match.end + 1;
      match = next > line.length ? undefined : this.#search.find(line, next);
    }
    return out;
  }

  summary(): string {
    const { options, isNamed } = this.#search;
    if (options.has('q')) return '';
    if (options.has('l')) return this.found > 0 ? `${this.#path}\n` : '';
    if (options.has('L')) return this.found > 0 ? '' : `${this.#path}\n`;
    return options.has('c') ? `${isNamed ? `${this.#path}:` : ''}${this.found}\n` : '';
  }
}
