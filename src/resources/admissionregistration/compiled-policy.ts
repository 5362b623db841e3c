/** Admission policies, compiled once for each of their revisions. Models compilePolicy in k8s.io/apiserver's plugin/policy. */
import type {
  MutatingAdmissionPolicySpec,
  ValidatingAdmissionPolicySpec,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { APPLY_CONFIGURATION, AUDIT_VALUE, CONDITION, JSON_PATCH, MESSAGE } from './expression-validation.ts';
import { PolicyCompiler, type PolicyExpression } from './policy-compiler.ts';

export interface CompiledPolicy {
  /** In their order, by their names. */
  variables: ReadonlyMap<string, PolicyExpression>;
  matchConditions: readonly { name: string; expression: PolicyExpression }[];
  /** Of a policy that validates; `messages` are undefined where a validation has no expression for one. */
  validations: readonly PolicyExpression[];
  messages: readonly (PolicyExpression | undefined)[];
  auditAnnotations: readonly PolicyExpression[];
  /** Of a policy that mutates. */
  mutations: readonly { patchType: 'ApplyConfiguration' | 'JSONPatch'; expression: PolicyExpression }[];
  /** Whether some expression asks what somebody may do. */
  asksAuthorizer: boolean;
}

type Spec = Partial<MutatingAdmissionPolicySpec & ValidatingAdmissionPolicySpec>;

/** Characters of expressions that are remembered compiled, of all clusters together. */
export const MAX_COMPILED_CHARACTERS = 200_000;

const byObject = new WeakMap<KubeObject, CompiledPolicy>();
/** By their text: of a policy that has changed elsewhere, or is another cluster's, nothing is compiled anew. */
const byText = new BoundedMap<CompiledPolicy>(MAX_COMPILED_CHARACTERS, (_, text) => text.length);

/** `policy`: of either kind. What does not compile is told by each of its expressions. */
export function compiledPolicy(policy: KubeObject): CompiledPolicy {
  const known = byObject.get(policy);
  if (known) return known;
  const { paramKind, variables, matchConditions, validations, auditAnnotations, mutations } = policy.spec as Spec;
  const text = JSON.stringify([
    Boolean(paramKind),
    variables,
    matchConditions,
    validations?.map(({ expression, messageExpression }) => [expression, messageExpression]),
    auditAnnotations,
    mutations,
  ]);
  const compiled = byText.get(text) ?? compile(policy.spec as Spec);
  byText.set(text, compiled);
  byObject.set(policy, compiled);
  return compiled;
}

function compile(spec: Spec): CompiledPolicy {
  const compiler = new PolicyCompiler({ params: Boolean(spec.paramKind) });
  const variables = new Map<string, PolicyExpression>();
  for (const { name, expression } of spec.variables ?? []) variables.set(name, compiler.variable(name, expression));
  const conditions = (spec.matchConditions ?? []).map(({ name, expression }) => ({
    name,
    expression: compiler.compile(expression, CONDITION),
  }));
  const validations = (spec.validations ?? []).map(({ expression }) => compiler.compile(expression, CONDITION));
  const messages = (spec.validations ?? []).map(({ messageExpression }) =>
    messageExpression ? compiler.compile(messageExpression, MESSAGE) : undefined,
  );
  const audits = (spec.auditAnnotations ?? []).map(({ valueExpression }) =>
    compiler.compile(valueExpression, AUDIT_VALUE),
  );
  const mutations = (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) =>
    patchType === 'JSONPatch'
      ? { patchType: 'JSONPatch' as const, expression: compiler.compile(jsonPatch?.expression ?? '', JSON_PATCH) }
      : {
          patchType: 'ApplyConfiguration' as const,
          expression: compiler.compile(applyConfiguration?.expression ?? '', APPLY_CONFIGURATION),
        },
  );
  const all = [
    ...variables.values(),
    ...conditions.map(({ expression }) => expression),
    ...validations,
    ...audits,
    ...mutations.map(({ expression }) => expression),
  ];
  return {
    variables,
    matchConditions: conditions,
    validations,
    messages,
    auditAnnotations: audits,
    mutations,
    asksAuthorizer: all.some(({ asksAuthorizer }) => asksAuthorizer),
  };
}
