import type { Program } from '../program.ts';
import { type Applet, type Dialect, programOf } from './applet.ts';
import { awk } from './awk/awk.ts';
import { cat, seq, tac, tee, yes } from './cat.ts';
import { cut, tr } from './columns.ts';
import { grep } from './grep.ts';
import { head, tail } from './head-tail.ts';
import { comm, expand, fold, nl, paste, rev, strings, uniq, wc } from './lines.ts';
import { echo, printf } from './printf.ts';
import { sed } from './sed.ts';
import { sort } from './sort.ts';

const APPLETS: Record<string, [Applet, string?]> = {
  awk: [awk],
  cat: [cat],
  seq: [seq, '[-w] [-s SEP] [FIRST [INC]] LAST'],
  tac: [tac],
  tee: [tee],
  yes: [yes],
  cut: [cut],
  tr: [tr, '[-cds] STRING1 [STRING2]'],
  grep: [grep],
  egrep: [grep],
  fgrep: [grep],
  head: [head],
  tail: [tail],
  comm: [comm],
  expand: [expand],
  fold: [fold],
  nl: [nl],
  paste: [paste],
  rev: [rev],
  strings: [strings],
  uniq: [uniq],
  wc: [wc],
  echo: [echo],
  printf: [printf],
  sed: [sed],
  sort: [sort],
};
export const PROGRAMS = (dialect: Dialect): Record<string, Program> =>
  Object.fromEntries(Object.entries(APPLETS).map(([n, [a, u]]) => [n, programOf(a, dialect, u)]));
