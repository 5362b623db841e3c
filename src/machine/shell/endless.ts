/** Sees that a loop never ends by itself, so that nobody has to run ahead for it. */
import type { Command, Word } from '../syntax/syntax.ts';
import type { Shell } from './shell.ts';

/** What may end a loop, or the shell, or do so unseen. */
const ENDING = new Set([
  'break',
  'exit',
  'return',
  'exec',
  'eval',
  '.',
  'source',
  'kill',
  'trap',
  'set',
  'continue',
  'killall',
  'pkill',
  'read',
]);
const TRUE = new Set(['true', ':']);
const FALSE = new Set(['false']);

/** A loop whose condition never changes, and whose body has no way out. */
export function isEndless(shell: Shell, command: Command): boolean {
  if (shell.has('e') || shell.has('u') || shell.state.traps.size > 0) return false;
  if (command.command !== 'while' && command.command !== 'until') return isHarmless(shell, command);
  const { test, body } = command;
  const known = command.command === 'while' ? TRUE : FALSE;
  const isConstant =
    test.command === 'simple' &&
    !test.redirects &&
    (known.has(test.words[0]?.plain ?? '') || (command.command === 'while' && isTrueTest(test.words)));
  return isConstant && isHarmless(shell, body);
}

const isTrueTest = (words: readonly Word[]): boolean =>
  /^\[ [1-9a-z]+ \]$/.test(words.map(({ plain }) => plain).join(' '));

function isHarmless(shell: Shell, command: Command): boolean {
  const harmless = (inner: Command): boolean => isHarmless(shell, inner);
  switch (command.command) {
    case 'simple': {
      const name = command.words[0]?.plain;
      // A variable that grows may use up memory.
      const grows = command.assignments.some(
        ({ value, isAppended, elements }) => isAppended || elements || !isShort(value),
      );
      if (grows || command.words.some(({ parts }) => parts.some(isFatal))) return false;
      return (
        command.words.length === 0 || (name !== undefined && !ENDING.has(name) && !shell.state.functions.has(name))
      );
    }
    case 'list':
    case 'pipeline':
      return command.parts.every(harmless);
    case 'and':
    case 'or':
      return harmless(command.left) && harmless(command.right);
    case 'subshell':
    case 'group':
    case 'for':
    case 'while':
    case 'until':
      return harmless(command.body) && (!('test' in command) || harmless(command.test));
    case 'if':
      return (
        command.arms.every(({ test, body }) => harmless(test) && harmless(body)) &&
        (!command.otherwise || harmless(command.otherwise))
      );
    case 'case':
      return command.arms.every(({ body }) => harmless(body));
    default:
      return false;
  }
}

const isShort = (word: Word | undefined): boolean =>
  word === undefined ||
  word.plain !== undefined ||
  word.parts.every(({ part }) => part === 'arithmetic' || part === 'text' || part === 'command');

/** An expansion that may give up the script. */
const isFatal = (part: Word['parts'][number]): boolean =>
  part.part === 'parameter' && (part.operator === '?' || part.operator === ':?');
