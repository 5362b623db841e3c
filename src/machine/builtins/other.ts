/** Other builtins: test, alias, hash, help, and some of bash's own. */
import type { Run } from '../program.ts';
import { Failure } from '../programs/applet.ts';
import { testHolds } from '../programs/expr-test.ts';
import { complain, complainPlainly } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';
import { singleQuoted } from '../shell/trace.ts';
import { parameterValue, setElement } from '../shell/variables.ts';
import { type BuiltinRun, wrong } from './builtin.ts';
import { cd } from './io.ts';
import { builtinNames } from './names.ts';
import { isOptionOn } from './options.ts';
import { pathOf } from './type.ts';

/** A fault of `test`, in the words of each shell. */
function* testFault(shell: Shell, name: string, message: string): Run<number> {
  const number = /^(.*): bad number$/s.exec(message)?.[1];
  const operand = /^(.*): unknown operand$/s.exec(message)?.[1];
  const closing = /^missing (\]+)$/.exec(message)?.[1];
  const words =
    number !== undefined
      ? { ash: message, dash: `Illegal number: ${number}`, bash: `${number}: integer expression expected` }
      : operand !== undefined
        ? { ash: message, dash: `${operand}: unexpected operator`, bash: `${operand}: binary operator expected` }
        : { ash: message, dash: message, bash: closing ? `missing \`${closing}'` : message };
  yield* complainPlainly(shell, name, words);
  return 2;
}

export const test: BuiltinRun = function* (shell, words) {
  const name = words[0]!;
  const closing = name === '[' ? ']' : name === '[[' ? ']]' : undefined;
  if (closing !== undefined && (words.length < 2 || words.at(-1) !== closing))
    return yield* testFault(shell, name, `missing ${closing}`);
  const operands = words.slice(1, closing === undefined ? undefined : -1);
  // What is asked most is answered at once.
  if (operands.length === 3 && (operands[1] === '=' || operands[1] === '!=') && operands[0] !== '(') {
    return Number((operands[0] === operands[2]) !== (operands[1] === '='));
  }
  if (operands.length === 2 && operands[0] === '-o') return Number(!isOptionOn(shell, operands[1]!));
  if (operands.length === 2 && operands[0] === '-v') return Number(parameterValue(shell, operands[1]!) === undefined);
  try {
    return Number(!testHolds(operands, shell.process));
  } catch (error) {
    if (error instanceof Failure) {
      const isOpen = operands.length === 2 && /^(?:!?=|==|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(operands[1]!);
      if (isOpen && shell.state.dialect === 'bash')
        return yield* wrong(shell, `${operands[0]}: unary operator expected`, name, 2);
      return yield* testFault(shell, name, isOpen ? `${operands[1]}: argument expected` : error.message);
    }
    throw error;
  }
};

export const alias: BuiltinRun = function* (shell, words) {
  const { aliases, dialect } = shell.state;
  const prefix = dialect === 'bash' ? 'alias ' : '';
  let status = 0;
  for (const word of words.length > 1 ? words.slice(1) : [...aliases.keys()].sort()) {
    const at = word.indexOf('=');
    if (at > 0 && words.length > 1) {
      aliases.set(word.slice(0, at), word.slice(at + 1));
      continue;
    }
    const value = aliases.get(word);
    if (value !== undefined) yield* shell.print(`${prefix}${word}=${singleQuoted(value)}\n`);
    else {
      status = 1;
      if (dialect === 'bash') yield* complain(shell, `${word}: not found`, 'alias');
      else yield* shell.tell(`alias: ${word} not found`);
    }
  }
  return status;
};

export const unalias: BuiltinRun = function* (shell, words) {
  const { aliases, dialect } = shell.state;
  if (words[1] === '-a') aliases.clear();
  let status = 0;
  for (const word of words.slice(1)) {
    if (word === '-a' || aliases.delete(word)) continue;
    status = 1;
    if (dialect === 'bash') yield* complain(shell, `${word}: not found`, 'unalias');
    else yield* shell.tell(`unalias: ${word} not found`);
  }
  return status;
};

export const hash: BuiltinRun = function* (shell, words) {
  if (words.length === 1 && shell.state.dialect === 'bash') yield* shell.print('hash: hash table empty\n');
  for (const word of words.slice(1)) {
    if (word === '-r' || pathOf(shell, word) !== undefined) continue;
    return yield* wrong(shell, `${word}: not found`, 'hash', 1);
  }
  return 0;
};

export const help: BuiltinRun = function* (shell) {
  const names = [...builtinNames(shell.state.dialect)].sort();
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    if (line.length + name.length > 60) {
      lines.push(line);
      line = '';
    }
    line += `${line === '' ? '\t' : ' '}${name}`;
  }
  yield* shell.print(`Built-in commands:\n------------------\n${[...lines, line].join('\n')}\n`);
  return 0;
};

/** `mapfile`: the lines of the input as an array. */
export const mapfile: BuiltinRun = function* (shell, words) {
  const isBare = words.includes('-t');
  const name = words.slice(1).find((word) => !word.startsWith('-')) ?? 'MAPFILE';
  shell.state.variables.delete(name);
  for (let i = 0; ; i++) {
    const line = yield* shell.process.readLine(0);
    if (line === '') return 0;
    setElement(shell, name, String(i), isBare ? line.replace(/\n$/, '') : line);
  }
};

/** The stack of folders is bash's DIRSTACK behind the working folder. */
export const pushd: BuiltinRun = function* (shell, words) {
  const place = parameterValue(shell, 'PWD') ?? '/';
  const status = yield* cd(shell, ['cd', words[1] ?? shell.state.folders[0] ?? '']);
  if (status !== 0) return status;
  shell.state.folders.unshift(place);
  return yield* dirs(shell, words);
};

export const popd: BuiltinRun = function* (shell, words) {
  const to = shell.state.folders.shift();
  if (to === undefined) return yield* wrong(shell, 'directory stack empty', 'popd', 1);
  yield* cd(shell, ['cd', to]);
  return yield* dirs(shell, words);
};

export const dirs: BuiltinRun = function* (shell) {
  yield* shell.print(`${[parameterValue(shell, 'PWD') ?? '/', ...shell.state.folders].join(' ')}\n`);
  return 0;
};

export const builtin: BuiltinRun = function* (shell, words) {
  if (words.length === 1) return 0;
  return yield* shell.interpreter.call(shell, words.slice(1), { skipFunctions: true });
};
