/** Permissions as text and as `chmod` takes them. */
import type { FileFacts } from '../file-view.ts';

const KINDS: Readonly<Record<FileFacts['kind'], string>> = {
  file: '-',
  directory: 'd',
  link: 'l',
  device: 'c',
  fifo: 'p',
};

/** As ls shows it: `drwxr-xr-x`. */
export function modeText({ kind, mode }: Pick<FileFacts, 'kind' | 'mode'>): string {
  const bits = [...'rwxrwxrwx'].map((letter, i) => (mode & (0o400 >> i) ? letter : '-'));
  const special = (at: number, bit: number, letter: string): void => {
    if (mode & bit) bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return KINDS[kind] + bits.join('');
}

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };

/** The mode after a change such as `755`, `u+x,go-w` or `a=rX`; undefined: it is none. `umask` holds where nobody is named. */
export function changedMode(mode: number, change: string, isDirectory: boolean, umask = 0o022): number | undefined {
  if (/^[0-7]{1,4}$/.test(change)) return Number.parseInt(change, 8);
  let result = mode;
  for (const clause of change.split(',')) {
    const found = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
    if (found === null) return undefined;
    const [, who, actions] = found;
    const mask = who === '' ? 0o7777 & ~umask : [...who!].reduce((bits, letter) => bits | WHO[letter]!, 0);
    for (const [, operator, what] of actions!.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      const bits = permissionBits(what!, result, isDirectory) & mask;
      if (operator === '+') result |= bits;
      else if (operator === '-') result &= ~bits;
      else result = (result & ~(mask & 0o777)) | bits;
    }
  }
  return result;
}

function permissionBits(what: string, mode: number, isDirectory: boolean): number {
  let bits = 0;
  for (const letter of what) {
    if (letter === 'r') bits |= 0o444;
    else if (letter === 'w') bits |= 0o222;
    else if (letter === 'x' || (letter === 'X' && (isDirectory || mode & 0o111))) bits |= 0o111;
    else if (letter === 's') bits |= 0o6000;
    else if (letter === 't') bits |= 0o1000;
    else if ('ugo'.includes(letter)) bits |= ((mode >> (letter === 'u' ? 6 : letter === 'g' ? 3 : 0)) & 7) * 0o111;
  }
  return bits;
}

const LETTERS = ['', 'K', 'M', 'G', 'T', 'P'];

/** A size as `-h` shows it: BusyBox with a digit behind the point from 1 K on, GNU below ten only. */
export function humanSize(bytes: number, dialect: 'busybox' | 'gnu'): string {
  let value = bytes;
  let power = 0;
  while (value >= 1024 && power < LETTERS.length - 1) {
    value /= 1024;
    power++;
  }
  if (power === 0) return String(value);
  if (dialect === 'busybox') return `${(Math.round(value * 10) / 10).toFixed(1)}${LETTERS[power]}`;
  return `${value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : Math.ceil(value)}${LETTERS[power]}`;
}

/** Kilobytes that a file takes on disk: blocks of four. */
export const blocksOf = ({ kind, size }: Pick<FileFacts, 'kind' | 'size'>): number =>
  kind === 'file' || kind === 'directory' ? Math.ceil(size / 4096) * 4 : 0;
