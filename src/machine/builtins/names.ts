/** The names of the builtins: which of them each shell has, and which are special. */
import type { Dialect } from '../syntax/syntax.ts';

/** Whose failing gives up a script of ash and dash, and whose assignments stay. */
const SPECIAL = new Set([
  ':',
  '.',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
]);

export const isSpecial = (name: string): boolean => SPECIAL.has(name);

const COMMON = [
  ...SPECIAL,
  ...'[ alias bg cd command echo false fg getopts hash jobs kill local printf pwd read test true type ulimit umask unalias wait'.split(
    ' ',
  ),
];
const OF: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  dash: new Set(COMMON),
  ash: new Set([...COMMON, '[[', 'source', 'let', 'help', 'history']),
  bash: new Set([
    ...COMMON,
    'source',
    'let',
    'help',
    'history',
    'declare',
    'typeset',
    'builtin',
    'shopt',
    'mapfile',
    'readarray',
    'disown',
    'pushd',
    'popd',
    'dirs',
    'logout',
  ]),
};

export const isBuiltin = (dialect: Dialect, name: string): boolean => OF[dialect].has(name);
export const builtinNames = (dialect: Dialect): Iterable<string> => OF[dialect];
