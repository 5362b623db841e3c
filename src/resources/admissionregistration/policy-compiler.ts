/**
 * The expressions of one policy, compiled in their order: a variable may name those before it. Models CompositedCompiler of k8s.io/apiserver's
 * pkg/admission/plugin/cel.
 */
import { compile } from '../../cel/cel.ts';
import type { Checked } from '../../cel/checked.ts';
import type { Program } from '../../cel/plan.ts';
import { policyEnvironment } from '../../cel/policy-environment.ts';
import { DYN, listOf, mapOf, sameType, type Type, typeName } from '../../cel/type.ts';

export interface PolicyExpression {
  /** As it was compiled, which is how errors quote it. */
  source: string;
  program: Program | undefined;
  type: Type | undefined;
  /** Why there is no program; `isInternal`: it is right by its types, and cannot be run. */
  error: { detail: string; isInternal: boolean } | undefined;
  /** Whether it asks what somebody may do. */
  asksAuthorizer: boolean;
}

export interface PolicyPlace {
  /** What it must be of, one of these; anything unless said. */
  types?: readonly Type[];
  /** False: there is no `authorizer`. */
  authorizer?: boolean;
  /** Whether it makes objects and patches. */
  mutation?: boolean;
}

export class PolicyCompiler {
  readonly #params: boolean;
  /** Undefined: there is no `variables`. */
  readonly #variables: Map<string, Type> | undefined;

  /** `params`: whether the policy has a kind of parameters; `composition`: whether it has variables. */
  constructor({ params, composition = true }: { params: boolean; composition?: boolean }) {
    this.#params = params;
    this.#variables = composition ? new Map() : undefined;
  }

  /** Never throws. `isNew`: nothing of the kind was stored before. */
  compile(
    source: string,
    { types, authorizer = true, mutation = false }: PolicyPlace,
    isNew = false,
  ): PolicyExpression {
    const variables = this.#variables;
    const environment = policyEnvironment({
      params: this.#params,
      authorizer,
      mutation,
      isNew,
      ...(variables ? { variables } : {}),
    });
    const compiled = compile(source, environment);
    const { type, program, checked } = compiled;
    const failed = (detail: string, isInternal = false): PolicyExpression => ({
      source,
      program: undefined,
      type,
      error: { detail, isInternal },
      asksAuthorizer: false,
    });
    if (compiled.errors !== undefined) return failed(`compilation failed: ${compiled.errors}`);
    if (types && !types.some((wanted) => sameType(wanted, type!))) return failed(wrongType(types, type!));
    if (!program) return failed(`program instantiation failed: ${compiled.programError}`, true);
    return { source, program, type, error: undefined, asksAuthorizer: namesAuthorizer(checked!) };
  }

  /** What is compiled afterwards may name it. */
  variable(name: string, source: string, isNew = false): PolicyExpression {
    const expression = this.compile(source, {}, isNew);
    this.#variables?.set(name, fieldType(expression.error ? undefined : expression.type));
    return expression;
  }
}

function wrongType(types: readonly Type[], actual: Type): string {
  const names = types.map(typeName);
  const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
  return `must evaluate to ${wanted} but got ${typeName(actual)}`;
}

const namesAuthorizer = ({ references }: Checked): boolean =>
  [...references.values()].some((reference) => 'name' in reference && reference.name.startsWith('authorizer'));

const KEPT = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'null', 'string', 'timestamp', 'uint']);

/** The type that others see of a variable: of what is neither plain nor made of lists and maps, nothing is known. */
export function fieldType(type: Type | undefined): Type {
  if (!type) return DYN;
  if (type.kind === 'list') return listOf(fieldType(type.params[0]));
  if (type.kind === 'map') return mapOf(fieldType(type.params[0]), fieldType(type.params[1]));
  return KEPT.has(type.kind) ? type : DYN;
}
