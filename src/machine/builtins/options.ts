/** `set` and the options of the shells. */
import type { Run } from '../program.ts';
import type { Shell } from '../shell/shell.ts';
import { quoted, singleQuoted } from '../shell/trace.ts';
import { type BuiltinRun, fatal, illegalOption, wrong } from './builtin.ts';

/** By their letters, in the order in which `set -o` shows them. */
export const OPTION_NAMES: readonly (readonly [letter: string, name: string])[] = [
  ['e', 'errexit'],
  ['f', 'noglob'],
  ['I', 'ignoreeof'],
  ['i', 'interactive'],
  ['m', 'monitor'],
  ['n', 'noexec'],
  ['s', 'stdin'],
  ['x', 'xtrace'],
  ['v', 'verbose'],
  ['C', 'noclobber'],
  ['a', 'allexport'],
  ['b', 'notify'],
  ['u', 'nounset'],
  ['V', 'vi'],
  ['h', 'hashall'],
  ['E', 'errtrace'],
  ['pipefail', 'pipefail'],
  ['posix', 'posix'],
];

/** Switches an option, by its letter or its name. @returns whether there is such an option */
export function setOption(shell: Shell, option: string, isOn: boolean): boolean {
  const found = OPTION_NAMES.find(([letter, name]) => letter === option || name === option);
  if (!found || (found[0] === 'pipefail' && shell.state.dialect === 'dash')) return false;
  if (isOn) shell.state.options.add(found[0]);
  else shell.state.options.delete(found[0]);
  return true;
}

/** Whether `test -o` and `[[ -o … ]]` find an option switched on. */
export const isOptionOn = (shell: Shell, name: string): boolean =>
  OPTION_NAMES.some(([letter, other]) => other === name && shell.has(letter));

function* showOptions(shell: Shell, isCommand: boolean): Run {
  if (shell.state.dialect === 'dash' && !isCommand) yield* shell.print('Current option settings\n');
  for (const [letter, name] of OPTION_NAMES) {
    const state = shell.has(letter);
    yield* shell.print(
      isCommand
        ? `set ${state ? '-' : '+'}o ${name}\n`
        : `${name.padEnd(15)}${shell.state.dialect === 'bash' ? '\t' : ' '}${state ? 'on' : 'off'}\n`,
    );
  }
}

function* showVariables(shell: Shell): Run {
  const variables = [...shell.state.variables].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { value, elements }] of variables) {
    if (elements) {
      const values = [...elements].map(([key, each]) => `[${key}]="${each}"`).join(' ');
      yield* shell.print(`${name}=(${values})\n`);
    } else if (value !== undefined) yield* shell.print(`${name}=${shownValue(shell, value)}\n`);
  }
}

const shownValue = (shell: Shell, value: string): string =>
  shell.state.dialect === 'bash' ? (value === '' ? '' : quoted(value)) : singleQuoted(value);

export const set: BuiltinRun = function* (shell, words) {
  if (words.length === 1) {
    yield* showVariables(shell);
    return 0;
  }
  let i = 1;
  for (; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--' || word === '-') {
      shell.state.positional = words.slice(i + 1);
      return 0;
    }
    if (!/^[-+]./.test(word)) break;
    const isOn = word.startsWith('-');
    for (const letter of word.slice(1)) {
      if (letter === 'o') {
        const name = words[i + 1];
        if (name === undefined) {
          yield* showOptions(shell, !isOn);
          return 0;
        }
        i++;
        if (!setOption(shell, name, isOn)) {
          const bad = `illegal option ${word.slice(0, 1)}o ${name}`;
          const words = { ash: bad, dash: bad.replace('i', 'I'), bash: `${name}: invalid option name` };
          return shell.state.dialect === 'ash'
            ? yield* wrong(shell, words, 'set', 1)
            : yield* fatal(shell, words, 'set', 2);
        }
      } else if (!setOption(shell, letter, isOn)) return yield* fatal(shell, illegalOption(letter), 'set', 2);
    }
  }
  if (i < words.length) shell.state.positional = words.slice(i);
  return 0;
};
