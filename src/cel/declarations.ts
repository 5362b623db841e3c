/** Functions as the checker and the evaluator know them: for each name its overloads, told apart by the types of their arguments. */
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  optionalOf,
  parameter,
  STRING,
  struct,
  TIMESTAMP,
  TYPE,
  type Type,
  typeOfType,
  UINT,
} from './type.ts';
import type { Value } from './value.ts';

/** Does what a function does. Its arguments are no errors. */
// biome-ignore lint/suspicious/noExplicitAny: each takes arguments of the types that its overload declares.
export type Implementation = (...args: any[]) => Value;

export interface Overload {
  id: string;
  /** Whether it is called on its first argument. */
  member: boolean;
  args: readonly Type[];
  result: Type;
  /** The names of the types that it is generic in. */
  params: readonly string[];
  call: Implementation;
}

export interface FunctionDeclaration {
  name: string;
  overloads: Overload[];
  /** Whether the implementations look at the types of their arguments themselves, as operators do. */
  unguarded: boolean;
}

/** As it is written in the tables of the libraries: what it is called, how it is called, and what it does. */
export type OverloadRow = readonly [id: string, signature: string, call: Implementation];
export type FunctionTable = Readonly<Record<string, readonly OverloadRow[]>>;

const SIMPLE: Record<string, Type> = {
  dyn: DYN,
  null: NULL,
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  duration: DURATION,
  timestamp: TIMESTAMP,
  type: TYPE,
};

/** `list(A)`, `map(string, int)`, `kubernetes.URL`; one letter is a parameter, a name with a point an object. */
export function readType(text: string): Type {
  const simple = SIMPLE[text];
  if (simple) return simple;
  const open = text.indexOf('(');
  if (open >= 0) {
    const name = text.slice(0, open);
    const params = splitTypes(text.slice(open + 1, -1)).map(readType);
    if (name === 'list') return listOf(params[0]!);
    if (name === 'map') return mapOf(params[0]!, params[1]!);
    return name === 'optional' ? optionalOf(params[0]!) : typeOfType(params[0]!);
  }
  if (text.length === 1) return parameter(text);
  return text.startsWith('net.') ? opaque(text) : struct(text);
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === '' ? parts : [...parts, last];
}

/** `string.(int) -> string` is called on a string; `(A, A) -> bool` is not called on anything. */
function readOverload([id, signature, call]: OverloadRow): Overload {
  const [head = '', result = ''] = signature.split(' -> ');
  const dot = head.indexOf('.(');
  const member = dot >= 0;
  const targets = member ? [head.slice(0, dot)] : [];
  const args = [...targets, ...splitTypes(head.slice(member ? dot + 2 : 1, -1))].map(readType);
  const params = [...new Set(args.flatMap(parametersOf).concat(parametersOf(readType(result))))];
  return { id, member, args, result: readType(result), params, call };
}

const parametersOf = (type: Type): string[] =>
  type.kind === 'parameter' ? [type.name] : type.params.flatMap(parametersOf);

/** The functions of several tables, those of the same name as one. `unguarded`: those that look at types themselves. */
export function declare(
  tables: readonly FunctionTable[],
  unguarded: ReadonlySet<string>,
): Map<string, FunctionDeclaration> {
  const functions = new Map<string, FunctionDeclaration>();
  for (const table of tables)
    for (const [name, rows] of Object.entries(table)) {
      const known = functions.get(name);
      const overloads = rows.map(readOverload);
      if (known) known.overloads.push(...overloads);
      else functions.set(name, { name, overloads, unguarded: unguarded.has(name) });
    }
  return functions;
}
