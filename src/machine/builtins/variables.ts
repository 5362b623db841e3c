/** Builtins about variables: export, readonly, local, declare, unset, shift, let, getopts. */
import type { Run } from '../program.ts';
import { arithmeticValue } from '../shell/arithmetic-value.ts';
import { ExpansionFault } from '../shell/expansion-fault.ts';
import { readOnlyWords } from '../shell/faults.ts';
import { complain, giveUp } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';
import type { Variable } from '../shell/state.ts';
import { singleQuoted } from '../shell/trace.ts';
import {
  declareVariable,
  makeLocal,
  parameterValue,
  ReadOnlyFault,
  setVariable,
  unsetVariable,
} from '../shell/variables.ts';
import { type BuiltinRun, fatal, optionsOf, wrong } from './builtin.ts';

const NAME = /^[A-Za-z_]\w*$/;

/** The variables that a builtin is about, as it would be called to make them. */
function* show(shell: Shell, command: string, is: (variable: Variable) => boolean): Run {
  const bash = command === 'export' ? 'declare -x' : command === 'readonly' ? 'declare -r' : 'declare --';
  const quote = (value: string): string =>
    shell.state.dialect === 'bash' ? `"${value.replace(/["\\$`]/g, '\\$&')}"` : singleQuoted(value);
  const word = shell.state.dialect === 'bash' ? bash : command;
  for (const [name, variable] of [...shell.state.variables].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!is(variable)) continue;
    yield* shell.print(`${word} ${name}${variable.value === undefined ? '' : `=${quote(variable.value)}`}\n`);
  }
}

/** Cuts `name=value`. */
function assignmentOf(word: string): { name: string; value: string | undefined; isAppended: boolean } {
  const at = word.indexOf('=');
  if (at < 0) return { name: word, value: undefined, isAppended: false };
  const isAppended = word[at - 1] === '+';
  return { name: word.slice(0, isAppended ? at - 1 : at), value: word.slice(at + 1), isAppended };
}

function* badName(shell: Shell, word: string, name: string, builtin: string): Run<number> {
  const plain = `${name}: bad variable name`;
  return yield* fatal(shell, { ash: plain, dash: plain, bash: `\`${word}': not a valid identifier` }, builtin);
}

function* declareAll(
  shell: Shell,
  builtin: string,
  words: readonly string[],
  change: Partial<Variable>,
  isLocal: boolean,
): Run<number> {
  let status = 0;
  for (const word of words) {
    const { name, value, isAppended } = assignmentOf(word);
    if (!NAME.test(name)) {
      status = yield* badName(shell, word, name, builtin);
      continue;
    }
    if (isLocal) makeLocal(shell, name, shell.state.dialect !== 'bash' && value === undefined);
    try {
      const before = isAppended ? (parameterValue(shell, name) ?? '') : '';
      const isInteger = change.isInteger && value !== undefined;
      const given = value === undefined ? {} : { value: isInteger ? arithmeticValue(shell, value) : before + value };
      declareVariable(shell, name, { ...change, ...given });
    } catch (error) {
      if (!(error instanceof ReadOnlyFault)) throw error;
      if (shell.state.dialect !== 'bash') yield* giveUp(shell, readOnlyWords(error), 2, builtin);
      yield* complain(shell, readOnlyWords(error), isLocal ? builtin : undefined);
      status = 1;
    }
  }
  return status;
}

export const exportVariables: BuiltinRun = function* (shell, words) {
  const { letters, rest } = optionsOf(words, 'pnf');
  if (rest.length === 0) {
    yield* show(shell, 'export', ({ isExported }) => isExported);
    return 0;
  }
  if (letters.has('f')) return 0;
  return yield* declareAll(shell, 'export', rest, { isExported: !letters.has('n') }, false);
};

export const readonlyVariables: BuiltinRun = function* (shell, words) {
  const { rest } = optionsOf(words, 'paf');
  if (rest.length === 0) {
    yield* show(shell, 'readonly', ({ isReadOnly }) => isReadOnly);
    return 0;
  }
  return yield* declareAll(shell, 'readonly', rest, { isReadOnly: true }, false);
};

export const local: BuiltinRun = function* (shell, words) {
  if (shell.state.locals.length === 0) {
    const plain = 'not in a function';
    return yield* fatal(shell, { ash: plain, dash: plain, bash: 'can only be used in a function' }, 'local');
  }
  const isBash = shell.state.dialect === 'bash';
  const { letters, rest } = isBash
    ? optionsOf(words, 'airxnAlu')
    : { letters: new Set<string>(), rest: words.slice(1) };
  return yield* declareAll(shell, 'local', rest, changeOf(letters), true);
};

const changeOf = (letters: ReadonlySet<string>): Partial<Variable> => ({
  ...(letters.has('i') ? { isInteger: true } : {}),
  ...(letters.has('r') ? { isReadOnly: true } : {}),
  ...(letters.has('x') ? { isExported: true } : {}),
  ...(letters.has('A') ? { isAssociative: true, elements: new Map<string, string>() } : {}),
  ...(letters.has('a') ? { elements: new Map<string, string>() } : {}),
});

export const declare: BuiltinRun = function* (shell, words) {
  const { letters, rest } = optionsOf(words, 'aAirxpgFftlun');
  if (letters.has('F') || letters.has('f')) {
    for (const [name, { source }] of shell.state.functions) {
      if (rest.length > 0 && !rest.includes(name)) continue;
      yield* shell.print(letters.has('F') ? `declare -f ${name}\n` : `${name} () \n${source}\n`);
    }
    return rest.every((name) => shell.state.functions.has(name)) ? 0 : 1;
  }
  if (rest.length === 0 || letters.has('p')) {
    yield* show(shell, 'declare', () => true);
    return 0;
  }
  const change = changeOf(letters);
  // An array that has its elements already keeps them.
  const fresh = rest.filter((word) => !(change.elements && shell.state.variables.get(word)?.elements));
  return yield* declareAll(shell, 'declare', fresh, change, shell.state.locals.length > 0 && !letters.has('g'));
};

export const unset: BuiltinRun = function* (shell, words) {
  const { letters, rest } = optionsOf(words, 'fvn');
  for (const name of rest) {
    const element = /^([A-Za-z_]\w*)\[(.*)\]$/.exec(name);
    if (element && shell.state.dialect === 'bash') {
      const variable = shell.state.variables.get(element[1]!);
      if (!variable?.elements) continue;
      const elements = new Map(variable.elements);
      elements.delete(element[2]!);
      declareVariable(shell, element[1]!, { elements });
      continue;
    }
    if (
      letters.has('f') ||
      (!letters.has('v') && !shell.state.variables.has(name) && shell.state.functions.has(name))
    ) {
      shell.state.functions.delete(name);
      continue;
    }
    if (!NAME.test(name)) return yield* badName(shell, name, name, 'unset');
    try {
      unsetVariable(shell, name);
    } catch (error) {
      if (!(error instanceof ReadOnlyFault)) throw error;
      const plain = `${name}: is read only`;
      return yield* fatal(
        shell,
        { ash: plain, dash: plain, bash: `${name}: cannot unset: readonly variable` },
        'unset',
      );
    }
  }
  return 0;
};

export const shift: BuiltinRun = function* (shell, words) {
  const count = Number(words[1] ?? 1);
  const { positional, dialect } = shell.state;
  if (!Number.isInteger(count) || count < 0) {
    const plain = `Illegal number: ${words[1]}`;
    return yield* fatal(shell, { ash: plain, dash: plain, bash: `${words[1]}: numeric argument required` }, 'shift');
  }
  if (count > positional.length) {
    if (dialect === 'dash') yield* giveUp(shell, "can't shift that many", 2, 'shift');
    return 1;
  }
  shell.state.positional = positional.slice(count);
  return 0;
};

export const letBuiltin: BuiltinRun = function* (shell, words) {
  let value = '0';
  try {
    for (const expression of words.slice(1)) value = arithmeticValue(shell, expression);
  } catch (error) {
    if (!(error instanceof ExpansionFault)) throw error;
    return yield* wrong(shell, error.words, 'let', 1);
  }
  return Number(value === '0');
};

export const getopts: BuiltinRun = function* (shell, words) {
  const [, known = '', name = ''] = words;
  const args = words.length > 3 ? words.slice(3) : shell.state.positional;
  const isSilent = known.startsWith(':');
  const letters = isSilent ? known.slice(1) : known;
  let index = Number(parameterValue(shell, 'OPTIND') ?? 1);
  if (index < 1 || !Number.isInteger(index)) index = 1;
  const word = args[index - 1];
  if (shell.state.optionPlace >= (word?.length ?? 0)) shell.state.optionPlace = 1;
  if (word === undefined || !/^-./.test(word) || word === '--') {
    if (word === '--') setVariable(shell, 'OPTIND', String(index + 1));
    setVariable(shell, name, '?');
    return 1;
  }
  const letter = word[shell.state.optionPlace]!;
  shell.state.optionPlace++;
  const isWordOver = shell.state.optionPlace >= word.length;
  const at = letters.indexOf(letter);
  const next = (by: number): void => {
    setVariable(shell, 'OPTIND', String(index + by));
    shell.state.optionPlace = 1;
  };
  unsetVariable(shell, 'OPTARG');
  if (at < 0 || letter === ':') {
    if (isWordOver) next(1);
    setVariable(shell, name, '?');
    if (isSilent) setVariable(shell, 'OPTARG', letter);
    else yield* optionFault(shell, `Illegal option -${letter}`, `illegal option -- ${letter}`);
    return 0;
  }
  if (letters[at + 1] !== ':') {
    if (isWordOver) next(1);
    setVariable(shell, name, letter);
    return 0;
  }
  const value = isWordOver ? args[index] : word.slice(shell.state.optionPlace);
  next(isWordOver ? 2 : 1);
  if (value === undefined) {
    setVariable(shell, 'OPTIND', String(index + 1));
    setVariable(shell, name, isSilent ? ':' : '?');
    if (isSilent) setVariable(shell, 'OPTARG', letter);
    else yield* optionFault(shell, `No arg for -${letter} option`, `option requires an argument -- ${letter}`);
    return 0;
  }
  setVariable(shell, 'OPTARG', value);
  setVariable(shell, name, letter);
  return 0;
};

function* optionFault(shell: Shell, plain: string, bash: string): Run {
  yield* shell.tell(shell.state.dialect === 'bash' ? `${shell.state.name}: ${bash}` : plain);
}
