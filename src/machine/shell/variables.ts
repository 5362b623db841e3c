/** Variables and parameters of a shell. */
import type { Shell } from './shell.ts';
import type { Variable } from './state.ts';

/** Bytes of one variable. */
export const MAX_VARIABLE_BYTES = 8 * 1024 * 1024;

/** Elements of one array. */
export const MAX_ELEMENTS = 65_536;

/** A read-only variable was to be changed. */
export class ReadOnlyFault extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`${variable} is read only`);
    this.variable = variable;
  }
}

const isSpecial = (name: string): boolean => !/^[A-Za-z_]/.test(name);

/** Variables that are made when they are read. */
function madeValue(shell: Shell, name: string): string | undefined {
  const { state, process } = shell;
  if (name === 'PPID') return String(process.parent);
  if (state.dialect === 'dash') return undefined;
  switch (name) {
    case 'RANDOM':
      return String(Math.floor(process.random() * 32_768));
    case 'SECONDS':
      return String(Math.floor((process.now() - state.startedAt) / 1000));
    case 'LINENO':
      return String(state.line - (state.dialect === 'ash' && !state.isScript ? 1 : 0));
    case 'EPOCHSECONDS':
      return String(Math.floor(process.now() / 1000));
  }
  if (name === 'FUNCNAME') return state.calls.at(-1);
  if (state.dialect !== 'bash') return undefined;
  if (name === 'UID' || name === 'EUID') return String(process.user.uid);
  if (name === 'BASHPID') return String(process.pid);
  return undefined;
}

/** The value of `$name`; undefined: it is not set. */
export function parameterValue(shell: Shell, name: string): string | undefined {
  const { state } = shell;
  if (isSpecial(name)) return specialValue(shell, name);
  const variable = state.variables.get(name);
  if (variable) return variable.elements ? variable.elements.get('0') : variable.value;
  return madeValue(shell, name);
}

function specialValue(shell: Shell, name: string): string | undefined {
  const { state } = shell;
  switch (name) {
    case '?':
      return String(state.status);
    case '$':
      return String(state.pid);
    case '!':
      return state.lastAsync === undefined ? undefined : String(state.lastAsync);
    case '#':
      return String(state.positional.length);
    case '-':
      return optionLetters(shell);
    case '0':
      return state.name;
    case '@':
    case '*':
      return state.positional.length === 0 ? undefined : state.positional.join(' ');
    default:
      return state.positional[Number(name) - 1];
  }
}

function optionLetters(shell: Shell): string {
  const letters = [...shell.state.options].filter((option) => option.length === 1);
  return letters.join('');
}

/** The elements of an array, in order; of another variable its value. */
export function elementsOf(shell: Shell, name: string): string[] {
  if (name === 'PIPESTATUS' && shell.state.dialect === 'bash') return shell.state.pipeStatus.map(String);
  const variable = shell.state.variables.get(name);
  if (variable?.elements) return orderedKeys(variable).map((key) => variable.elements!.get(key)!);
  const value = parameterValue(shell, name);
  return value === undefined ? [] : [value];
}

export function orderedKeys({ elements, isAssociative }: Variable): string[] {
  const keys = [...(elements?.keys() ?? [])];
  return isAssociative ? keys : keys.sort((a, b) => Number(a) - Number(b));
}

export function elementOf(shell: Shell, name: string, key: string): string | undefined {
  if (name === 'PIPESTATUS' && shell.state.dialect === 'bash') return elementsOf(shell, name)[Number(key)];
  const variable = shell.state.variables.get(name);
  if (!variable?.elements) return key === '0' ? parameterValue(shell, name) : undefined;
  if (variable.isAssociative || Number(key) >= 0) return variable.elements.get(key);
  const last = Number(orderedKeys(variable).at(-1) ?? -1);
  return variable.elements.get(String(last + 1 + Number(key)));
}

/** @throws ReadOnlyFault */
export function setVariable(shell: Shell, name: string, value: string, how: { isExported?: boolean } = {}): void {
  const { variables, options } = shell.state;
  const before = variables.get(name);
  if (before?.isReadOnly) throw new ReadOnlyFault(name);
  if (value.length > MAX_VARIABLE_BYTES) throw new RangeError('a variable too long');
  if (value.length > 65_536) shell.process.hold(value.length);
  const isExported = how.isExported ?? before?.isExported ?? options.has('a');
  if (before?.elements) {
    variables.set(name, { ...before, elements: new Map(before.elements).set('0', value) });
    return;
  }
  const variable: Variable = { value, isExported, isReadOnly: false };
  if (before?.isInteger) variable.isInteger = true;
  variables.set(name, variable);
  if (isExported || before?.isExported) shell.forgetEnvironment();
}

/** @throws ReadOnlyFault */
export function setElement(shell: Shell, name: string, key: string, value: string): void {
  const before = shell.state.variables.get(name);
  if (before?.isReadOnly) throw new ReadOnlyFault(name);
  if (before?.elements && before.epoch === shell.epoch) {
    // Nobody else has them: they are not shared.
    (before.elements as Map<string, string>).set(key, value);
    if (before.elements.size > MAX_ELEMENTS) throw new RangeError('an array too long');
    return;
  }
  const elements = new Map(before?.elements ?? (before?.value === undefined ? [] : [['0', before.value]]));
  elements.set(key, value);
  if (elements.size > MAX_ELEMENTS) throw new RangeError('an array too long');
  const facts = { isExported: false, isReadOnly: false, ...before, value: undefined, epoch: shell.epoch };
  shell.state.variables.set(name, { ...facts, elements });
}

/** @throws ReadOnlyFault */
export function unsetVariable(shell: Shell, name: string): void {
  const before = shell.state.variables.get(name);
  if (before?.isReadOnly) throw new ReadOnlyFault(name);
  if (before?.isExported) shell.forgetEnvironment();
  shell.state.variables.delete(name);
}

/** Changes what is said of a variable, and its value if one is given. @throws ReadOnlyFault */
export function declareVariable(shell: Shell, name: string, change: Partial<Variable>): void {
  const before = shell.state.variables.get(name);
  if (before?.isReadOnly && change.value !== undefined) throw new ReadOnlyFault(name);
  shell.state.variables.set(name, { value: undefined, isExported: false, isReadOnly: false, ...before, ...change });
  shell.forgetEnvironment();
}

/** A variable is one of the function's own from here on. */
export function makeLocal(shell: Shell, name: string, isKept: boolean): void {
  const hidden = shell.state.locals.at(-1);
  if (!hidden || hidden.has(name)) return;
  const before = shell.state.variables.get(name);
  hidden.set(name, before);
  if (!before) return;
  if (isKept) return;
  shell.state.variables.set(name, { value: undefined, isExported: before.isExported, isReadOnly: false });
  if (before.isExported) shell.forgetEnvironment();
}

/** A function ends: what its variables have hidden is there again. */
export function endLocals(shell: Shell): void {
  const hidden = shell.state.locals.pop();
  for (const [name, before] of hidden ?? []) {
    if (before) shell.state.variables.set(name, before);
    else shell.state.variables.delete(name);
  }
  if (hidden && hidden.size > 0) shell.forgetEnvironment();
}

export const separators = (shell: Shell): string => parameterValue(shell, 'IFS') ?? ' \t\n';
