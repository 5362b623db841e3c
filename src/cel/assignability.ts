/** Which type fits where, and what the parameters of generic ones stand for. Models cel-go's checker/types.go. */
import { DYN, isDyn, listOf, mapOf, opaque, sameType, type Type } from './type.ts';

/** What type parameters stand for, by name. What is tried and fails is taken back. */
export class Substitution {
  readonly #bound = new Map<string, Type>();
  /** What was bound since an attempt began, with what was bound before. */
  readonly #undo: [name: string, before: Type | undefined][] = [];

  get(name: string): Type | undefined {
    return this.#bound.get(name);
  }

  /** Whether all of one list of types fit those of another. */
  assignAll(from: readonly Type[], to: readonly Type[]): boolean {
    return this.#attempt(() => this.#allAssignable(from, to));
  }

  assign(from: Type, to: Type): boolean {
    return this.#attempt(() => this.#assignable(from, to));
  }

  #attempt(assign: () => boolean): boolean {
    this.#undo.length = 0;
    if (assign()) return true;
    for (const [name, before] of this.#undo.reverse())
      if (before) this.#bound.set(name, before);
      else this.#bound.delete(name);
    return false;
  }

  #set(name: string, type: Type): void {
    this.#undo.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  #allAssignable(from: readonly Type[], to: readonly Type[]): boolean {
    return from.length === to.length && from.every((type, index) => this.#assignable(type, to[index]!));
  }

  #assignable(from: Type, to: Type): boolean {
    if (to.kind === 'parameter') {
      const [valid, known] = this.#bind(from, to);
      if (valid) return true;
      if (known) return false;
    }
    if (from.kind === 'parameter') return this.#bind(to, from)[0];
    if (isWild(from) || isWild(to)) return true;
    if (from.kind === 'null') return isNullable(to);
    if (to.kind === 'null') return isNullable(from);
    if (from.kind !== to.kind) return false;
    switch (from.kind) {
      case 'type':
        return true;
      case 'opaque':
      case 'list':
      case 'map':
        return from.name === to.name && this.#allAssignable(from.params, to.params);
      default:
        return from.name === to.name;
    }
  }

  /** Whether a type may be what a parameter stands for, and whether that is known already. */
  #bind(type: Type, param: Type): [valid: boolean, known: boolean] {
    if (sameType(type, param)) return [true, true];
    const bound = this.#bound.get(param.name);
    if (bound) {
      if (sameType(type, bound)) return [true, true];
      if (!this.#assignable(type, bound)) return [false, true];
      const general = mostGeneral(type, bound);
      if (!this.#occurs(param, general)) this.#set(param.name, general);
      return [true, true];
    }
    if (this.#occurs(param, type)) return [false, false];
    this.#set(param.name, type);
    return [true, false];
  }

  #occurs(param: Type, within: Type): boolean {
    if (sameType(param, within)) return true;
    if (within.kind === 'parameter') {
      const bound = this.#bound.get(within.name);
      return bound !== undefined && this.#occurs(param, bound);
    }
    return within.params.some((part) => this.#occurs(param, part));
  }

  /** A type with its parameters replaced; those that stand for nothing become dyn if `final`. */
  apply(type: Type, final = false): Type {
    if (type.kind === 'parameter') {
      const bound = this.#bound.get(type.name);
      if (bound) return this.apply(bound, final);
      return final ? DYN : type;
    }
    if (type.params.length === 0) return type;
    const params = type.params.map((part) => this.apply(part, final));
    if (params.every((part, index) => part === type.params[index])) return type;
    if (type.kind === 'list') return listOf(params[0]!);
    if (type.kind === 'map') return mapOf(params[0]!, params[1]!);
    return type.kind === 'opaque' ? opaque(type.name, ...params) : { ...type, params };
  }
}

const isWild = (type: Type): boolean => type.kind === 'dyn' || type.kind === 'error';

const NULLABLE = new Set(['opaque', 'struct', 'duration', 'timestamp', 'null']);
const isNullable = (type: Type): boolean => NULLABLE.has(type.kind);

/** The wider of two types that fit each other. */
export const mostGeneral = (a: Type, b: Type): Type => (isLessSpecific(a, b) ? a : b);

function isLessSpecific(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === 'parameter') return true;
  if (isDyn(b) || b.kind === 'parameter') return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (a.kind !== 'opaque' && a.kind !== 'list' && a.kind !== 'map') return sameType(a, b);
  return (
    a.name === b.name &&
    a.params.length === b.params.length &&
    a.params.every((part, index) => isLessSpecific(part, b.params[index]!))
  );
}
