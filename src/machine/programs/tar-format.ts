/** Archives of tar: entries read and written, with GNU's and pax' long names. */
import type { Bytes } from '../bytes.ts';
import { Failure } from './applet.ts';

export interface TarEntry {
  path: string;
  kind: 'file' | 'directory' | 'link' | 'hard-link';
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds. */
  modifiedAt: number;
  target: string;
  body: Bytes;
}

const BLOCK = 512;
/** Entries of one archive. */
export const MAX_ENTRIES = 20_000;

const octal = (value: number, width: number): Bytes =>
  `${Math.max(0, Math.floor(value))
    .toString(8)
    .padStart(width - 1, '0')}\0`;
const field = (text: Bytes, width: number): Bytes => text.slice(0, width).padEnd(width, '\0');
const padded = (bytes: Bytes): Bytes => bytes + '\0'.repeat((BLOCK - (bytes.length % BLOCK)) % BLOCK);

const FLAGS: Readonly<Record<TarEntry['kind'], string>> = { file: '0', 'hard-link': '1', link: '2', directory: '5' };

function header(entry: Omit<TarEntry, 'body'>, size: number, flag: string): Bytes {
  const before =
    field(entry.path, 100) +
    octal(entry.mode, 8) +
    octal(entry.uid, 8) +
    octal(entry.gid, 8) +
    octal(size, 12) +
    octal(entry.modifiedAt / 1000, 12);
  const after = `${flag + field(entry.target, 100)}ustar  \0${field('', 64)}${field('', 16)}`;
  const blank = padded(`${before}        ${after}`);
  let sum = 0;
  for (let i = 0; i < blank.length; i++) sum += blank.charCodeAt(i);
  return padded(`${before}${sum.toString(8).padStart(6, '0')}\0 ${after}`);
}

/** One entry as it stands in an archive. */
export function tarBytes(entry: TarEntry): Bytes {
  const long =
    entry.path.length > 100
      ? header({ ...entry, path: '././@LongLink', target: '' }, entry.path.length + 1, 'L') + padded(`${entry.path}\0`)
      : '';
  return long + header(entry, entry.body.length, FLAGS[entry.kind]) + padded(entry.body);
}

const EMPTY: Bytes = '\0'.repeat(BLOCK);
export const TAR_END: Bytes = EMPTY + EMPTY;

const text = (bytes: Bytes): Bytes => {
  const end = bytes.indexOf('\0');
  return end < 0 ? bytes : bytes.slice(0, end);
};
const number = (bytes: Bytes): number => Number.parseInt(text(bytes).trim() || '0', 8);

/** @throws Failure where it is no archive */
export function readTar(archive: Bytes): TarEntry[] {
  const entries: TarEntry[] = [];
  let at = 0;
  let longPath: string | undefined;
  let longTarget: string | undefined;
  while (at + BLOCK <= archive.length) {
    const head = archive.slice(at, at + BLOCK);
    if (head === EMPTY) return entries;
    if (!head.startsWith('ustar', 257) && number(head.slice(148, 156)) === 0) throw new Failure('invalid tar magic');
    const size = number(head.slice(124, 136));
    if (!(size >= 0) || at + BLOCK + size > archive.length + BLOCK) throw new Failure('short read');
    const body = archive.slice(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const flag = head[156]!;
    if (flag === 'L') longPath = text(body);
    else if (flag === 'K') longTarget = text(body);
    else if (flag === 'x') longPath = /\d+ path=([^\n]*)\n/.exec(body)?.[1] ?? longPath;
    else if (flag !== 'g') {
      if (entries.length >= MAX_ENTRIES) throw new Failure('too many files');
      const prefix = head.startsWith('ustar\0', 257) ? text(head.slice(345, 500)) : '';
      const name = longPath ?? (prefix === '' ? '' : `${prefix}/`) + text(head.slice(0, 100));
      const kind =
        flag === '5' || (name.endsWith('/') && flag !== '2')
          ? 'directory'
          : flag === '2'
            ? 'link'
            : flag === '1'
              ? 'hard-link'
              : 'file';
      entries.push({
        path: name,
        kind,
        mode: number(head.slice(100, 108)) & 0o7777,
        uid: number(head.slice(108, 116)),
        gid: number(head.slice(116, 124)),
        modifiedAt: number(head.slice(136, 148)) * 1000,
        target: longTarget ?? text(head.slice(157, 257)),
        body: kind === 'file' ? body : '',
      });
      longPath = undefined;
      longTarget = undefined;
    }
  }
  if (entries.length === 0 && archive !== '') throw new Failure('short read');
  return entries;
}
