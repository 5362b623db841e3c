/**
 * What is checked of a tree whose types are right: durations, instants and patterns that are written out are such, and the elements of a
 * list or map that is written out are of one type. Models cel-go's cel/validator.go.
 */
import type { Call, Expr } from './ast.ts';
import type { Checked, ReportIssue } from './checked.ts';
import { convert } from './convert.ts';
import { checkFormat } from './format-check.ts';
import { compilePattern } from './regex.ts';
import { DURATION, describeType, isOptional, TIMESTAMP, type Type } from './type.ts';
import { CelError, type Value } from './value.ts';

type IsWrong = (value: Value) => boolean;

const fails = (value: Value): boolean => value instanceof CelError;

/** By the function: the first of its arguments, and whether that is wrong. */
const CHECKS: [string, IsWrong][] = [
  ['duration', (value) => typeof value === 'string' && fails(convert(value, DURATION))],
  [
    'timestamp',
    (value) => (typeof value === 'string' || typeof value === 'bigint') && fails(convert(value, TIMESTAMP)),
  ],
  ['matches', (value) => typeof value === 'string' && compilePattern(value) instanceof CelError],
];

export function checkLiterals({ expr, types }: Checked, report: ReportIssue): void {
  const calls: Call[] = [];
  const aggregates: Expr[] = [];
  walk(expr, false, calls, aggregates);
  for (const [name, isWrong] of CHECKS)
    for (const call of calls) {
      const arg = call.name === name ? call.args[0] : undefined;
      if (arg?.kind === 'literal' && isWrong(arg.value)) report(arg.id, `invalid ${name} argument`);
    }
  for (const call of calls) if (call.name === 'format') checkFormat(call, types, report);
  for (const aggregate of aggregates) checkAggregate(aggregate, types, report);
}

/** `exempt`: in what is formatted types may differ. */
function walk(expr: Expr, exempt: boolean, calls: Call[], aggregates: Expr[]): void {
  const into = (part: Expr, within = exempt): void => walk(part, within, calls, aggregates);
  switch (expr.kind) {
    case 'select':
      into(expr.operand);
      return;
    case 'call': {
      calls.push(expr);
      const within = exempt || expr.name === 'format';
      if (expr.target) into(expr.target, within);
      for (const arg of expr.args) into(arg, within);
      return;
    }
    case 'list':
      if (!exempt) aggregates.push(expr);
      for (const element of expr.elements) into(element);
      return;
    case 'map':
      if (!exempt) aggregates.push(expr);
      for (const { key, value } of expr.entries) {
        into(key);
        into(value);
      }
      return;
    case 'struct':
      for (const { value } of expr.fields) into(value);
      return;
    case 'comprehension':
      for (const part of [expr.range, expr.init, expr.condition, expr.step, expr.result]) into(part);
  }
}

function checkAggregate(expr: Expr, types: ReadonlyMap<number, Type>, report: ReportIssue): void {
  const typeOf = (part: Expr, optional: boolean): Type => {
    const type = types.get(part.id)!;
    return optional && isOptional(type) ? type.params[0]! : type;
  };
  const differ = (part: Expr, expected: Type, actual: Type): boolean => {
    if (isEquivalent(expected, actual)) return false;
    report(part.id, `expected type '${describeType(expected)}' but found '${describeType(actual)}'`);
    return true;
  };
  if (expr.kind === 'list') {
    const [first, ...rest] = expr.elements;
    const type = first && typeOf(first, expr.optionals.includes(0));
    rest.some((element, index) => differ(element, type!, typeOf(element, expr.optionals.includes(index + 1))));
  } else if (expr.kind === 'map') {
    const [first, ...rest] = expr.entries;
    if (!first) return;
    const key = typeOf(first.key, false);
    const value = typeOf(first.value, first.optional);
    for (const entry of rest) {
      differ(entry.key, key, typeOf(entry.key, false));
      differ(entry.value, value, typeOf(entry.value, entry.optional));
    }
  }
}

const isEquivalent = (a: Type, b: Type): boolean =>
  a.kind === b.kind &&
  (a.kind === 'parameter' || a.name === b.name) &&
  a.params.length === b.params.length &&
  a.params.every((part, index) => isEquivalent(part, b.params[index]!));
