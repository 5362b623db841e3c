/**
 * Whether a format that is written out fits its arguments, where those are written out as a list. Models the validator in cel-go's
 * ext/formatting.go.
 */
import type { Call, Expr } from './ast.ts';
import type { ReportIssue } from './checked.ts';
import { eachClause, FormatFailed, refusal } from './format-text.ts';
import type { Kind, Type } from './type.ts';

const NUMBERS: Kind[] = ['int', 'uint'];
const TEXTS: Kind[] = ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration'];

/** What each clause can be used on. */
const KINDS: Record<string, Kind[]> = {
  d: NUMBERS,
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: [...NUMBERS, 'bool'],
  x: [...NUMBERS, 'string', 'bytes'],
  X: [...NUMBERS, 'string', 'bytes'],
  o: NUMBERS,
  s: [...TEXTS, 'type', 'null'],
};

/** Where an argument is wrong. */
class WrongArgument extends FormatFailed {
  readonly id: number;
  constructor(id: number, message: string) {
    super(message);
    this.id = id;
  }
}

export function checkFormat(call: Call, types: ReadonlyMap<number, Type>, report: ReportIssue): void {
  const [args] = call.args;
  const format = call.target?.kind === 'literal' ? call.target.value : undefined;
  if (typeof format !== 'string' || call.args.length !== 1 || args?.kind !== 'list') return;
  let used = 0;
  try {
    eachClause(format, args.elements.length, (index, verb) => {
      used++;
      const wrong = wrongPart(args.elements[index]!, verb, types);
      if (wrong) throw new WrongArgument(wrong.id, refusal(verb, types.get(wrong.id)!.name));
      return '';
    });
  } catch (failure) {
    if (!(failure instanceof FormatFailed)) throw failure;
    report(failure instanceof WrongArgument ? failure.id : call.id, failure.message);
    return;
  }
  if (args.elements.length > used)
    report(call.id, `too many arguments supplied to string.format (expected ${used}, got ${args.elements.length})`);
}

/** The argument, or what is written in it, that a clause can't be used on. */
function wrongPart(expr: Expr, verb: string, types: ReadonlyMap<number, Type>): Expr | undefined {
  const { kind } = types.get(expr.id)!;
  if (kind !== 'dyn' && !KINDS[verb]!.includes(kind)) return expr;
  if (verb !== 's') return undefined;
  const parts =
    expr.kind === 'list'
      ? expr.elements
      : expr.kind === 'map'
        ? expr.entries.flatMap(({ key, value }) => [key, value])
        : [];
  for (const part of parts) {
    const wrong = wrongPart(part, verb, types);
    if (wrong) return wrong;
  }
  return undefined;
}
