/** `${name…}`: what its operators make of a value. */
import type { Parameter, Word } from '../syntax/syntax.ts';
import { arithmeticValue } from './arithmetic-value.ts';
import { ExpansionFault } from './expansion-fault.ts';
import { compilePattern, literalOf, type Pattern, prefixLengths, reversed } from './patterns.ts';
import type { Shell } from './shell.ts';
import { singleQuoted } from './trace.ts';
import { elementOf, elementsOf, orderedKeys, parameterValue, setVariable } from './variables.ts';

/** Expands the words that stand in an expansion. */
export interface Expander {
  readonly shell: Shell;
  text(word: Word): string;
  pattern(word: Word): string;
}

export interface ParameterParts {
  values: string[];
  /** It is not set. */
  isUnset: boolean;
  isList: boolean;
  isStar: boolean;
  /** What stands for it instead. */
  word?: Word;
}

const single = (value: string | undefined): ParameterParts => ({
  values: value === undefined ? [] : [value],
  isUnset: value === undefined,
  isList: false,
  isStar: false,
});

const list = (values: string[], isStar: boolean): ParameterParts => ({
  values,
  isUnset: values.length === 0,
  isList: true,
  isStar,
});

/** Whose unset parameters `set -u` does not mind. */
const MAY_BE_UNSET = new Set(['-', ':-', '=', ':=', '?', ':?', '+', ':+']);

/** The value or values of a parameter before its operator. @throws ExpansionFault */
export function partsOfParameter(shell: Shell, part: Parameter, expander: Expander): ParameterParts {
  const { name, index } = part;
  const parts = index
    ? indexed(shell, part, expander)
    : name === '@' || name === '*'
      ? list(shell.state.positional, name === '*')
      : single(parameterValue(shell, name));
  if (part.isIndirect && !index)
    return single(parts.values[0] === undefined ? undefined : parameterValue(shell, parts.values[0]));
  const isMissing = parts.isUnset && !parts.isList && shell.has('u') && !MAY_BE_UNSET.has(part.operator ?? '');
  if (isMissing) {
    const shown = /^\d+$/.test(name) && shell.state.dialect === 'bash' ? `$${name}` : name;
    throw new ExpansionFault(
      { ash: `${name}: parameter not set`, dash: `${name}: parameter not set`, bash: `${shown}: unbound variable` },
      { bash: 127 },
      shell,
    );
  }
  return parts;
}

function indexed(shell: Shell, { name, index, isIndirect }: Parameter, expander: Expander): ParameterParts {
  const plain = index!.parts.length === 1 && index!.parts[0]!.part === 'text' ? index!.parts[0]!.text : undefined;
  if (plain === '@' || plain === '*') {
    const variable = shell.state.variables.get(name);
    if (isIndirect) return list(variable ? orderedKeys(variable) : [], plain === '*');
    return list(elementsOf(shell, name), plain === '*');
  }
  return single(elementOf(shell, name, subscript(shell, name, expander.text(index!))));
}

/** The key of an element: a text for an associative array, else a number. */
export const subscript = (shell: Shell, name: string, text: string): string =>
  shell.state.variables.get(name)?.isAssociative ? text : arithmeticValue(shell, text);

/** @throws ExpansionFault */
export function applyOperator(expander: Expander, part: Parameter, parts: ParameterParts): ParameterParts {
  const { shell } = expander;
  const { operator, word } = part;
  if (part.isLength && operator === undefined) {
    const length = parts.isList ? parts.values.length : (parts.values[0] ?? '').length;
    return single(String(length));
  }
  if (operator === 'bad' || operator === undefined) throw badSubstitution(shell, part);
  const isMissing = parts.isUnset || (operator.startsWith(':') && parts.values.every((value) => value === ''));
  switch (operator) {
    case '-':
    case ':-':
      return isMissing ? { ...parts, word: word! } : parts;
    case '+':
    case ':+':
      return isMissing ? { ...parts, values: [], isList: false } : { ...parts, word: word! };
    case '=':
    case ':=':
      return isMissing ? assigned(expander, part) : parts;
    case '?':
    case ':?':
      if (!isMissing) return parts;
      throw missing(expander, part);
    default:
      return { ...parts, values: changed(expander, part, parts) };
  }
}

function assigned(expander: Expander, { name, word }: Parameter): ParameterParts {
  const { shell } = expander;
  if (!/^[A-Za-z_]/.test(name)) {
    throw new ExpansionFault(
      {
        ash: `${name}: bad variable name`,
        dash: `${name}: bad variable name`,
        bash: `$${name}: cannot assign in this way`,
      },
      { bash: 1 },
      shell,
    );
  }
  const value = expander.text(word!);
  setVariable(shell, name, value);
  return single(value);
}

function missing(expander: Expander, { name, operator, word }: Parameter): ExpansionFault {
  const said = expander.text(word!);
  const isNull = operator === ':?';
  const plain = said || (isNull ? 'parameter not set or null' : 'parameter not set');
  const bash = said || (isNull ? 'parameter null or not set' : 'parameter not set');
  const words = { ash: `${name}: ${plain}`, dash: `${name}: ${plain}`, bash: `${name}: ${bash}` };
  return new ExpansionFault(words, { bash: 127 }, expander.shell);
}

const badSubstitution = (shell: Shell, part: Parameter): ExpansionFault =>
  new ExpansionFault(
    { ash: 'syntax error: bad substitution', dash: 'Bad substitution', bash: `\${${part.name}}: bad substitution` },
    { bash: 1 },
    shell,
  );

/** Operators that make another text of each value. */
function changed(expander: Expander, part: Parameter, parts: ParameterParts): string[] {
  const { operator, word, second } = part;
  if (operator === ':') return substring(expander, part, parts);
  const pattern = compilePattern(expander.pattern(word!));
  const { shell } = expander;
  const each = (change: (value: string) => string): string[] =>
    parts.values.map((value) => {
      shell.process.work(1 + (value.length >> 6));
      return change(value);
    });
  switch (operator) {
    case '#':
    case '##':
      return each((value) => withoutPrefix(value, pattern, operator === '##'));
    case '%':
    case '%%':
      return each((value) => withoutSuffix(value, pattern, operator === '%%'));
    case '^':
    case ',':
      return each((value) => changeCase(value.slice(0, 1), operator) + value.slice(1));
    case '^^':
    case ',,':
      return each((value) => changeCase(value, operator));
    case '@':
      return each(singleQuoted);
    default: {
      const by = second ? expander.text(second) : '';
      return each((value) => replaced(shell, value, pattern, by, operator!));
    }
  }
}

const changeCase = (text: string, operator: string): string =>
  operator.startsWith('^')
    ? text.replace(/[a-z]/g, (letter) => letter.toUpperCase())
    : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function withoutPrefix(value: string, pattern: Pattern, isLongest: boolean): string {
  const lengths = prefixLengths(pattern, value);
  return lengths ? value.slice(isLongest ? lengths.longest : lengths.shortest) : value;
}

function withoutSuffix(value: string, pattern: Pattern, isLongest: boolean): string {
  const backwards = Array.from(value).reverse().join('');
  const lengths = prefixLengths(reversed(pattern), backwards);
  return lengths ? value.slice(0, value.length - (isLongest ? lengths.longest : lengths.shortest)) : value;
}

/** `${x/pattern/by}` and its kin. */
function replaced(shell: Shell, value: string, pattern: Pattern, by: string, operator: string): string {
  if (pattern.length === 0) return value;
  const literal = literalOf(pattern);
  if (operator === '/%') {
    const shorter = withoutSuffix(value, pattern, true);
    return shorter === value ? value : shorter + by;
  }
  if (literal !== undefined && operator === '//') return value.split(literal).join(by);
  let result = '';
  let at = 0;
  while (at < value.length) {
    shell.process.work(1 + ((value.length - at) >> 4));
    const found = prefixLengths(pattern, value, at);
    if (found && found.longest > 0) {
      result += by;
      at += found.longest;
      if (operator !== '//') break;
    } else if (operator === '/#') break;
    else result += value[at++];
  }
  return result + value.slice(at);
}

/** `${x:from:length}`; of a list, elements. */
function substring(expander: Expander, { name, word, second }: Parameter, parts: ParameterParts): string[] {
  const { shell } = expander;
  const from = Number(arithmeticValue(shell, expander.text(word!)));
  const length = second && Number(arithmeticValue(shell, expander.text(second)));
  if (parts.isList) {
    const isPositional = name === '@' || name === '*';
    const all = isPositional ? [shell.state.name, ...parts.values] : parts.values;
    const start = from < 0 ? all.length + from : from;
    return all.slice(start, length === undefined ? undefined : start + length);
  }
  const value = parts.values[0] ?? '';
  const start = from < 0 ? value.length + from : from;
  if (start < 0) return [''];
  if (length === undefined) return [value.slice(start)];
  return [length < 0 ? value.slice(start, value.length + length) : value.slice(start, start + length)];
}
