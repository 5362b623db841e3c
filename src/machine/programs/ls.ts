/** ls. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import type { Process, Run } from '../program.ts';
import { namesOf } from './accounts.ts';
import { type Applet, complain, type Dialect } from './applet.ts';
import { formatDate } from './date-format.ts';
import { writeAll } from './input.ts';
import { blocksOf, humanSize, modeText } from './modes.ts';
import { type Options, parseOptions } from './options.ts';
import { joinPath } from './paths.ts';

interface Entry {
  name: string;
  path: string;
  facts: FileFacts;
}

interface Listing {
  process: Process;
  dialect: Dialect;
  options: Options;
  status: number;
}

/** Half a year: older files show their year instead of the hour. */
const RECENT = (365.2425 / 2) * 86_400_000;

const COLOURS: Readonly<Record<string, string>> = {
  directory: '1;34',
  link: '1;36',
  device: '1;33',
  fifo: '0;33',
  file: '0;0',
};

export const ls: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: '1AaCxdLHRFplinshrSXvctukmgoGNQT:w:I:',
    long: {
      all: 'a',
      'almost-all': 'A',
      'human-readable': 'h',
      reverse: 'r',
      recursive: 'R',
      directory: 'd',
      inode: 'i',
      size: 's',
      classify: 'F',
      'numeric-uid-gid': 'n',
      dereference: 'L',
      'color?': 'colour',
      'full-time': 'full-time',
      'group-directories-first': 'group-directories-first',
      'time-style=': 'time-style',
      'sort=': 'sort',
    },
  });
  const listing: Listing = { process, dialect, options, status: 0 };
  const operands = options.operands.length > 0 ? options.operands : ['.'];
  const files: Entry[] = [];
  const folders: Entry[] = [];
  for (const path of operands) {
    const entry = yield* factsOf(listing, path, path, true);
    if (entry === undefined) continue;
    (entry.facts.kind === 'directory' && !options.has('d') ? folders : files).push(entry);
  }
  let out = files.length > 0 ? show(listing, sorted(listing, files)) : '';
  const isTitled = operands.length > 1 || options.has('R');
  for (const folder of sorted(listing, folders)) {
    if (isTitled) out += `${out === '' ? '' : '\n'}${folder.path}:\n`;
    out += yield* folderText(listing, folder);
  }
  yield* writeAll(process, out);
  return listing.status;
};

function* factsOf(listing: Listing, name: string, path: string, isOperand: boolean): Run<Entry | undefined> {
  const { process, options, dialect } = listing;
  const follows =
    options.has('L') || (isOperand && !options.has('l') && !options.has('d') && !options.has('F')) || options.has('H');
  try {
    const facts = follows && process.files.exists(path) ? process.files.stat(path) : process.files.lstat(path);
    return { name, path, facts };
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    listing.status = dialect === 'gnu' && isOperand ? 2 : 1;
    yield* complain(
      process,
      dialect === 'gnu' ? `cannot access '${path}': ${error.message}` : `${path}: ${error.message}`,
    );
    return undefined;
  }
}

function* folderText(listing: Listing, folder: Entry): Run<string> {
  const { process, options, dialect } = listing;
  let names: string[];
  try {
    names = process.files.list(folder.path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    listing.status = dialect === 'gnu' ? 2 : 1;
    const shown = dialect === 'gnu' ? `cannot open directory '${folder.path}'` : `can't open '${folder.path}'`;
    yield* complain(process, `${shown}: ${error.message}`);
    return '';
  }
  process.work(names.length);
  const isShown = (name: string): boolean => options.has('a') || options.has('A') || !name.startsWith('.');
  const entries: Entry[] = [];
  for (const name of options.has('a') ? ['.', '..', ...names] : names) {
    if (!isShown(name)) continue;
    const entry = yield* factsOf(listing, name, joinPath(folder.path, name), false);
    if (entry !== undefined) entries.push(entry);
  }
  const ordered = sorted(listing, entries);
  const isLong =
    options.has('l') || options.has('n') || options.has('g') || options.has('o') || options.has('full-time');
  const total = isLong || options.has('s') ? `total ${totalOf(ordered, options, dialect)}\n` : '';
  let out = total + show(listing, ordered);
  if (!options.has('R')) return out;
  for (const entry of ordered) {
    if (entry.facts.kind !== 'directory' || entry.name === '.' || entry.name === '..') continue;
    out += `\n${entry.path}:\n${yield* folderText(listing, entry)}`;
  }
  return out;
}

function totalOf(entries: readonly Entry[], options: Options, dialect: Dialect): string {
  const kilobytes = entries.reduce((sum, { facts }) => sum + blocksOf(facts), 0);
  return options.has('h') && dialect === 'gnu' ? humanSize(kilobytes * 1024, dialect) : String(kilobytes);
}

const byName = (left: Entry, right: Entry): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);

/** GNU's order in a UTF-8 locale would fold case; containers have none, so bytes decide in both. */
function sorted({ options }: Listing, entries: readonly Entry[]): Entry[] {
  const extension = ({ name }: Entry): string => /\.[^.]*$/.exec(name)?.[0] ?? '';
  const orders: Readonly<Record<string, (left: Entry, right: Entry) => number>> = {
    S: (left, right) => right.facts.size - left.facts.size,
    t: (left, right) => right.facts.modifiedAt - left.facts.modifiedAt,
    X: (left, right) => (extension(left) < extension(right) ? -1 : extension(left) > extension(right) ? 1 : 0),
    v: (left, right) => left.name.localeCompare(right.name, 'en', { numeric: true }),
    U: () => 0,
  };
  const chosen = orders[options.last('StXvU') ?? ''];
  const isFirst = ({ facts }: Entry): number =>
    options.has('group-directories-first') && facts.kind === 'directory' ? 0 : 1;
  const result = entries.toSorted(
    (left, right) => isFirst(left) - isFirst(right) || (chosen?.(left, right) ?? 0) || byName(left, right),
  );
  return options.has('r') ? result.reverse() : result;
}

function show(listing: Listing, entries: readonly Entry[]): string {
  const { options, process } = listing;
  const style = options.last('1lnCxgom') ?? (process.isTerminal(1) ? 'C' : '1');
  if ('lngo'.includes(style) || options.has('full-time')) return long(listing, entries);
  const shown = entries.map((entry) => ({
    width: plainName(listing, entry).length,
    text: prefix(listing, entry) + painted(listing, entry),
  }));
  const extra = shown.map(({ width }, i) => width + prefix(listing, entries[i]!).length);
  if (style === 'm') return `${shown.map(({ text }) => text).join(', ')}\n`;
  if (style === '1') return shown.map(({ text }) => `${text}\n`).join('');
  return columns(
    shown.map(({ text }, i) => ({ text, width: extra[i]! })),
    terminalWidth(listing),
    style === 'x',
  );
}

const terminalWidth = ({ process, options }: Listing): number =>
  Number(options.value('w') ?? process.terminalSize()?.columns ?? 80) || 80;

function columns(cells: readonly { text: string; width: number }[], width: number, isAcross: boolean): string {
  const cell = Math.max(0, ...cells.map((one) => one.width)) + 2;
  const count = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(cells.length / count);
  let out = '';
  for (let row = 0; row < rows; row++) {
    let line = '';
    let gap = 0;
    for (let column = 0; column < count; column++) {
      const one = cells[isAcross ? row * count + column : column * rows + row];
      if (one === undefined) continue;
      line += ' '.repeat(gap) + one.text;
      gap = cell - one.width;
    }
    out += `${line}\n`;
  }
  return out;
}

function prefix({ options, dialect }: Listing, { facts }: Entry): string {
  const inode = options.has('i') ? `${String(facts.inode).padStart(dialect === 'gnu' ? 0 : 7)} ` : '';
  return inode + (options.has('s') ? `${String(blocksOf(facts)).padStart(dialect === 'gnu' ? 1 : 6)} ` : '');
}

function mark({ options }: Listing, { mode, kind }: FileFacts): string {
  if (options.has('F')) {
    if (kind === 'link') return '@';
    if (kind === 'fifo') return '|';
    if (kind === 'file' && mode & 0o111) return '*';
  }
  return (options.has('F') || options.has('p')) && kind === 'directory' ? '/' : '';
}

const plainName = (listing: Listing, { name, facts }: Entry): string => bytesOf(name) + mark(listing, facts);

function painted(listing: Listing, entry: Entry): string {
  const { process, options, dialect } = listing;
  const when = options.value('colour') ?? (dialect === 'busybox' ? 'auto' : 'never');
  const isPainted = when === 'always' || (when !== 'never' && process.isTerminal(1));
  if (!isPainted) return plainName(listing, entry);
  const { facts } = entry;
  const colour = facts.kind === 'file' && facts.mode & 0o111 ? '1;32' : COLOURS[facts.kind]!;
  return `\x1b[${colour}m${bytesOf(entry.name)}\x1b[m${mark(listing, facts)}`;
}

function timeText(listing: Listing, { modifiedAt }: FileFacts): string {
  const { options, process, dialect } = listing;
  if (options.has('full-time') || options.value('time-style') === 'full-iso')
    return formatDate(modifiedAt, dialect === 'gnu' ? '%Y-%m-%d %H:%M:%S.%N %z' : '%Y-%m-%d %H:%M:%S %z');
  if (options.value('time-style') === 'long-iso') return formatDate(modifiedAt, '%Y-%m-%d %H:%M');
  const age = process.now() - modifiedAt;
  return formatDate(modifiedAt, age < RECENT && age > -900_000 ? '%b %e %H:%M' : '%b %e  %Y');
}

function long(listing: Listing, entries: readonly Entry[]): string {
  const { options, process, dialect } = listing;
  const names = namesOf(process);
  const isNumeric = options.has('n');
  const cells = entries.map((entry) => {
    const { facts } = entry;
    const target = facts.kind === 'link' ? ` -> ${bytesOf(facts.target ?? '')}` : '';
    const size =
      facts.kind === 'device' ? '1, 3' : options.has('h') ? humanSize(facts.size, dialect) : String(facts.size);
    return {
      prefix: prefix(listing, entry),
      mode: modeText(facts),
      links: String(facts.links),
      user: isNumeric ? String(facts.uid) : names.user(facts.uid),
      group: isNumeric ? String(facts.gid) : names.group(facts.gid),
      size: facts.kind === 'device' && dialect === 'busybox' ? '   1,  3' : size,
      time: timeText(listing, facts),
      name: painted(listing, entry) + target,
    };
  });
  if (dialect === 'busybox') {
    const sizeWidth = options.has('h') ? 7 : 9;
    return cells
      .map(
        ({ prefix, mode, links, user, group, size, time, name }) =>
          `${prefix}${mode} ${links.padStart(4)} ${options.has('g') ? '' : `${user.slice(0, 8).padEnd(8)} `}${options.has('o') ? '' : `${group.slice(0, 8).padEnd(8)} `}${size.padStart(sizeWidth)} ${time} ${name}\n`,
      )
      .join('');
  }
  const width = (key: 'links' | 'user' | 'group' | 'size'): number =>
    Math.max(...cells.map((cell) => cell[key].length));
  const [links, user, group, size] = [width('links'), width('user'), width('group'), width('size')];
  return cells
    .map(
      (cell) =>
        `${cell.prefix}${cell.mode} ${cell.links.padStart(links)} ${options.has('g') ? '' : `${cell.user.padEnd(user)} `}${options.has('o') || options.has('G') ? '' : `${cell.group.padEnd(group)} `}${cell.size.padStart(size)} ${cell.time} ${cell.name}\n`,
    )
    .join('');
}
