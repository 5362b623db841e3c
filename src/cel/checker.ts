/**
 * Gives every node of a tree its type, finds what names and calls refer to, and tells what fits nowhere. Models cel-go's
 * checker/checker.go. That lists and maps that are written out are of one type is looked at later (`literal-checks.ts`).
 */
import { mostGeneral, Substitution } from './assignability.ts';
import type { Call, Comprehension, Expr, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import { OPERATORS } from './ast.ts';
import type { Checked, Reference, ReportIssue } from './checked.ts';
import type { Overload } from './declarations.ts';
import { type Environment, findField, findGlobal, findStruct, TYPE_NAMES } from './environment.ts';
import { notARange, qualifiedName } from './names.ts';
import { resolveOverload } from './overload-resolution.ts';
import { runtimeType } from './runtime-type.ts';
import {
  BOOL,
  DYN,
  describeType,
  ERROR,
  INT,
  isDyn,
  listOf,
  mapOf,
  optionalOf,
  parameter,
  type Type,
  unwrapOptional,
} from './type.ts';

export function check(expr: Expr, environment: Environment, report: ReportIssue): Checked {
  const checker = new Checker(environment, report);
  checker.check(expr);
  return { expr, types: checker.finalTypes(), references: checker.references };
}

class Checker {
  readonly references = new Map<number, Reference>();
  readonly #environment: Environment;
  readonly #report: ReportIssue;
  readonly #types = new Map<number, Type>();
  readonly #substitution = new Substitution();
  readonly #scopes: Map<string, Type>[] = [];
  #freshParameters = 0;

  constructor(environment: Environment, report: ReportIssue) {
    this.#environment = environment;
    this.#report = report;
  }

  finalTypes(): Map<number, Type> {
    for (const [id, type] of this.#types)
      if (type.params.length > 0 || type.kind === 'parameter')
        this.#types.set(id, this.#substitution.apply(type, true));
    return this.#types;
  }

  check(expr: Expr): Type {
    const type = this.#typeOf(expr);
    this.#types.set(expr.id, type);
    return type;
  }

  #typeOf(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return runtimeType(expr.value);
      case 'ident':
        return this.#ident(expr);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
      default:
        return ERROR;
    }
  }

  #undeclared(id: number, name: string): Type {
    return this.#wrong(id, `undeclared reference to '${name}' (in container '')`);
  }

  #wrong(id: number, message: string): Type {
    this.#report(id, message);
    return ERROR;
  }

  #local(name: string): Type | undefined {
    return this.#scopes.findLast((scope) => scope.has(name))?.get(name);
  }

  #ident(expr: Expr & { kind: 'ident' }): Type {
    const local = this.#local(expr.name);
    if (local) return local;
    return this.#global(expr.id, expr.name) ?? this.#undeclared(expr.id, expr.name);
  }

  #global(id: number, name: string): Type | undefined {
    const full = name.replace(/^\./, '');
    const found = findGlobal(this.#environment, full);
    if (!found) return undefined;
    this.references.set(id, { name: full, typeValue: found.value });
    return found.type;
  }

  #select(expr: Select): Type {
    const name = qualifiedName(expr);
    if (name && !expr.testOnly && !this.#local(name.first)) {
      const found = this.#global(expr.id, name.full);
      // From here on it is that name.
      if (found) Object.assign(expr, { kind: 'ident', name: name.full });
      if (found) return found;
    }
    const type = this.#field(expr.id, this.check(expr.operand), expr.field, false);
    return expr.testOnly ? BOOL : this.#substitution.apply(type);
  }

  #field(id: number, operand: Type, field: string, optional: boolean): Type {
    const [target, wrapped] = unwrapOptional(this.#substitution.apply(operand));
    const type = this.#fieldOf(id, target, field);
    return optional || wrapped ? optionalOf(type) : type;
  }

  #fieldOf(id: number, target: Type, field: string): Type {
    switch (target.kind) {
      case 'map':
        return target.params[1]!;
      case 'struct':
        return this.#declaredField(id, target.name, field);
      case 'parameter':
        this.#substitution.assign(DYN, target);
        return DYN;
      case 'dyn':
      case 'error':
        return DYN;
      default:
        this.#report(id, `type '${describeType(target)}' does not support field selection`);
        return DYN;
    }
  }

  #declaredField(id: number, typeName: string, field: string): Type {
    const type = findField(this.#environment, typeName, field);
    return typeof type === 'string' ? this.#wrong(id, type) : type;
  }

  #call(expr: Call): Type {
    if (expr.name === OPERATORS.optionalSelect) return this.#optionalSelect(expr);
    const args = expr.args.map((arg) => this.check(arg));
    if (!expr.target) {
      const name = expr.name.replace(/^\./, '');
      return this.#resolve(expr, name, args) ?? this.#undeclared(expr.id, expr.name);
    }
    const prefix = qualifiedName(expr.target);
    const qualified = prefix && `${prefix.full}.${expr.name}`.replace(/^\./, '');
    if (qualified !== undefined && this.#environment.functions.has(qualified)) {
      // The name in front is no value: what is called is the function of the whole name.
      Object.assign(expr, { name: qualified, target: undefined });
      return this.#resolve(expr, qualified, args)!;
    }
    const target = this.check(expr.target);
    return this.#resolve(expr, expr.name, [target, ...args]) ?? this.#undeclared(expr.id, expr.name);
  }

  #resolve(expr: Call, name: string, args: Type[]): Type | undefined {
    const declaration = this.#environment.functions.get(name);
    if (!declaration) return undefined;
    if (name === OPERATORS.and || name === OPERATORS.or) return this.#logical(expr, declaration.overloads, args);
    const resolved = resolveOverload(declaration.overloads, expr.target !== undefined, args, this.#substitution, () =>
      this.#fresh(),
    );
    if (resolved) {
      this.references.set(expr.id, { overloads: resolved.overloads, function: name });
      return resolved.type;
    }
    const applied = args.map((arg) => describeType(this.#substitution.apply(arg, true)));
    const receiver = expr.target ? `${applied.shift()}.` : '';
    const call = `'${name}' applied to '${receiver}(${applied.join(', ')})'`;
    return this.#wrong(expr.id, `found no matching overload for ${call}`);
  }

  #logical(expr: Call, overloads: Overload[], args: Type[]): Type {
    let failed = false;
    args.forEach((arg, index) => {
      if (this.#substitution.assign(arg, BOOL)) return;
      failed = true;
      this.#report(expr.args[index]!.id, `expected type 'bool' but found '${describeType(arg)}'`);
    });
    this.references.set(expr.id, { overloads, function: expr.name });
    return failed ? ERROR : BOOL;
  }

  #optionalSelect(expr: Call): Type {
    const [operand, field] = expr.args;
    const name = field?.kind === 'literal' && typeof field.value === 'string' ? field.value : '';
    const type = this.#field(expr.id, this.check(operand!), name, true);
    this.references.set(expr.id, { overloads: [], function: expr.name });
    return this.#substitution.apply(type);
  }

  #list(expr: ListExpr): Type {
    let type: Type | undefined;
    expr.elements.forEach((element, index) => {
      const found = this.check(element);
      const one = expr.optionals.includes(index) ? this.#unwrapped(element, found) : found;
      type = this.#join(type, one);
    });
    return listOf(type ?? this.#fresh());
  }

  #map(expr: MapExpr): Type {
    let keyType: Type | undefined;
    let valueType: Type | undefined;
    for (const { key, value, optional } of expr.entries) {
      keyType = this.#join(keyType, this.check(key));
      const found = this.check(value);
      valueType = this.#join(valueType, optional ? this.#unwrapped(value, found) : found);
    }
    return mapOf(keyType ?? this.#fresh(), valueType ?? this.#fresh());
  }

  /** What an optional element holds. */
  #unwrapped(expr: Expr, type: Type): Type {
    const [inner, wrapped] = unwrapOptional(type);
    if (!wrapped && !isDyn(type)) this.#mismatch(expr, optionalOf(type), type);
    return inner;
  }

  #mismatch(expr: Expr, expected: Type, actual: Type): void {
    this.#report(expr.id, `expected type '${describeType(expected)}' but found '${describeType(actual)}'`);
  }

  #join(previous: Type | undefined, current: Type): Type {
    if (!previous) return current;
    return this.#substitution.assign(previous, current) ? mostGeneral(previous, current) : DYN;
  }

  #struct(expr: StructExpr): Type {
    const name = expr.typeName.replace(/^\./, '');
    const type = findStruct(this.#environment, name);
    if (!type && TYPE_NAMES.has(name)) return this.#wrong(expr.id, `'${name}' is not a message type`);
    if (!type) return this.#undeclared(expr.id, expr.typeName);
    this.references.set(expr.id, { name, typeValue: undefined });
    for (const field of expr.fields) {
      const found = this.check(field.value);
      const declared = this.#declaredField(field.id, name, field.name);
      const value = field.optional ? this.#unwrapped(field.value, found) : found;
      if (!this.#substitution.assign(declared, value))
        this.#report(
          field.id,
          `expected type of field '${field.name}' is '${describeType(declared)}' but provided type is '${describeType(value)}'`,
        );
    }
    return type;
  }

  #comprehension(expr: Comprehension): Type {
    const range = this.#substitution.apply(this.check(expr.range));
    const accumulated = this.check(expr.init);
    this.#scopes.push(new Map([[expr.accumulator, accumulated]]));
    const [first, second] = this.#elementTypes(expr.range, range, expr.secondVariable !== undefined);
    const variables = new Map([[expr.variable, first]]);
    if (expr.secondVariable !== undefined) variables.set(expr.secondVariable, second);
    this.#scopes.push(variables);
    this.#expect(expr.condition, BOOL, this.check(expr.condition));
    this.#expect(expr.step, accumulated, this.check(expr.step));
    this.#scopes.pop();
    const result = this.check(expr.result);
    this.#scopes.pop();
    return this.#substitution.apply(result);
  }

  #expect(expr: Expr, expected: Type, actual: Type): void {
    if (!this.#substitution.assign(expected, actual)) this.#mismatch(expr, expected, actual);
  }

  #elementTypes(expr: Expr, range: Type, two: boolean): [Type, Type] {
    switch (range.kind) {
      case 'list':
        return two ? [INT, range.params[0]!] : [range.params[0]!, DYN];
      case 'map':
        return [range.params[0]!, range.params[1]!];
      case 'dyn':
      case 'error':
      case 'parameter':
        this.#substitution.assign(DYN, range);
        return [DYN, DYN];
      default:
        return [this.#wrong(expr.id, notARange(range)), ERROR];
    }
  }

  #fresh(): Type {
    return parameter(`_var${this.#freshParameters++}`);
  }
}
