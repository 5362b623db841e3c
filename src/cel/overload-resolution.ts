/** Which overloads of a function a call with arguments of such types may be of, and of what type its result then is. */
import type { Substitution } from './assignability.ts';
import { Substitution as Renaming } from './assignability.ts';
import type { Overload } from './declarations.ts';
import { DYN, isDyn, parameter, sameType, type Type } from './type.ts';

export interface Resolution {
  overloads: Overload[];
  /** dyn, where overloads differ in it. */
  type: Type;
}

/** Undefined: none fits. */
export function resolveOverload(
  overloads: readonly Overload[],
  member: boolean,
  args: readonly Type[],
  substitution: Substitution,
  fresh: () => Type,
): Resolution | undefined {
  const matching: Overload[] = [];
  let type: Type | undefined;
  for (const overload of overloads) {
    if (overload.member !== member || overload.args.length !== args.length) continue;
    const renaming = overload.params.length === 0 ? undefined : renamed(overload.params, fresh);
    const candidates = renaming ? overload.args.map((arg) => renaming.apply(arg)) : overload.args;
    if (!substitution.assignAll(args, candidates)) continue;
    matching.push(overload);
    const result = substitution.apply(renaming ? renaming.apply(overload.result) : overload.result);
    if (!type) type = result;
    else if (!isDyn(type) && !sameType(result, type)) type = DYN;
  }
  return type && { overloads: matching, type };
}

/** The type parameters of an overload, each as one that nothing else has. */
function renamed(names: readonly string[], fresh: () => Type): Renaming {
  const renaming = new Renaming();
  for (const name of names) renaming.assign(fresh(), parameter(name));
  return renaming;
}
