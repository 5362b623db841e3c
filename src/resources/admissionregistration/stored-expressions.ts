/**
 * Which expressions of a policy or of webhooks are new: those may use only what the release before knows too. What was there before may use
 * all (`kubernetesEnvironment`). Models preexistingExpressions in k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
 */
import { sameValue } from '../../objects/equality.ts';
import type {
  MatchCondition,
  MutatingAdmissionPolicySpec,
  ValidatingAdmissionPolicySpec,
} from '../../objects/generated/admissionregistration-v1.gen.ts';

/** By where they stood, as they were written there. */
export interface StoredExpressions {
  matchConditions: ReadonlySet<string>;
  validations: ReadonlySet<string>;
  messages: ReadonlySet<string>;
  auditAnnotations: ReadonlySet<string>;
  /** Of apply configurations: the real one looks JSON patches up among these too. */
  mutations: ReadonlySet<string>;
  /** The match conditions are what they were: they are not looked at again. */
  keepsMatchConditions: boolean;
}

const EMPTY: ReadonlySet<string> = new Set();

/** Of what is made. */
export const NONE_STORED: StoredExpressions = {
  matchConditions: EMPTY,
  validations: EMPTY,
  messages: EMPTY,
  auditAnnotations: EMPTY,
  mutations: EMPTY,
  keepsMatchConditions: false,
};

type PolicySpec = Partial<ValidatingAdmissionPolicySpec & MutatingAdmissionPolicySpec>;

const setOf = <T>(list: readonly T[] | undefined, expression: (item: T) => string | undefined): ReadonlySet<string> =>
  new Set((list ?? []).flatMap((item) => expression(item) ?? []));

const conditionOf = ({ expression }: MatchCondition): string => expression;

export function storedInPolicy(spec: PolicySpec, old: PolicySpec): StoredExpressions {
  return {
    matchConditions: setOf(old.matchConditions, conditionOf),
    validations: setOf(old.validations, ({ expression }) => expression),
    messages: setOf(old.validations, ({ messageExpression }) => messageExpression),
    auditAnnotations: setOf(old.auditAnnotations, ({ valueExpression }) => valueExpression),
    mutations: setOf(old.mutations, ({ applyConfiguration }) => applyConfiguration?.expression),
    keepsMatchConditions:
      sameValue(spec.paramKind, old.paramKind) && sameValue(spec.matchConditions, old.matchConditions),
  };
}

type Hooks = readonly { matchConditions?: MatchCondition[] | undefined }[];

export const storedInWebhooks = (hooks: Hooks, old: Hooks): StoredExpressions => ({
  ...NONE_STORED,
  matchConditions: setOf(
    old.flatMap(({ matchConditions }) => matchConditions ?? []),
    conditionOf,
  ),
  keepsMatchConditions:
    hooks.length === old.length && hooks.every((hook, i) => sameValue(hook.matchConditions, old[i]!.matchConditions)),
});
