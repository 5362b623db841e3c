/** MutatingWebhookConfiguration and ValidatingWebhookConfiguration. Source: k8s.io/kubernetes/pkg/apis/admissionregistration. */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateFullyQualifiedName } from '../../objects/domain-names.ts';
import { isSet, optionalOneOf } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, invalid, required } from '../../objects/field-error.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import { countContentChange } from '../../objects/generation.ts';
import { isDNS1035Label } from '../../objects/names.ts';
import { own } from '../../objects/own.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import {
  FAILURE_POLICIES,
  MATCH_POLICIES,
  REINVOCATION_POLICIES,
  ruleDefaults,
  validateMatchConditions,
  validateRule,
} from './admission-rules.ts';
import { NONE_STORED, type StoredExpressions, storedInWebhooks } from './stored-expressions.ts';
import { validateClientConfig } from './webhook-client.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const ANY_SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
export const TIMEOUT_SECONDS_MAX = 30;

/** What stored configurations may keep although it is refused today. */
interface Leniency {
  sideEffects: boolean;
  reviewVersions: boolean;
  repeatedNames: boolean;
  labelValues: boolean;
  expressions: StoredExpressions;
}

const STRICT: Leniency = {
  sideEffects: false,
  reviewVersions: false,
  repeatedNames: false,
  labelValues: false,
  expressions: NONE_STORED,
};

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;
type AnyWebhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

const hooksOf = (o: Configuration): AnyWebhook[] => o.webhooks ?? [];

function leniencyOf(o: Configuration, old: Configuration): Leniency {
  const hooks = hooksOf(old);
  return {
    sideEffects: hooks.some((h) => !NO_SIDE_EFFECTS.includes(h.sideEffects)),
    reviewVersions: hooks.some((h) => {
      const versions: string[] = h.admissionReviewVersions ?? [];
      return versions.length > 0 && !versions.some((v) => REVIEW_VERSIONS.includes(v));
    }),
    repeatedNames: new Set(hooks.map((h) => h.name)).size < hooks.length,
    labelValues: hooks.some((h) =>
      [h.namespaceSelector, h.objectSelector].some((s) => validateLabelSelector(s, '').length > 0),
    ),
    expressions: storedInWebhooks(hooksOf(o), hooks),
  };
}

function validateWebhook(hook: AnyWebhook, field: string, mutating: boolean, leniency: Leniency): FieldError[] {
  const errors = validateFullyQualifiedName(`${field}.name`, hook.name ?? '');
  for (const [i, rule] of (hook.rules ?? []).entries()) errors.push(...validateRule(rule, `${field}.rules[${i}]`));
  errors.push(...optionalOneOf(hook.failurePolicy, FAILURE_POLICIES, `${field}.failurePolicy`));
  errors.push(...optionalOneOf(hook.matchPolicy, MATCH_POLICIES, `${field}.matchPolicy`));
  const sideEffects = leniency.sideEffects ? ANY_SIDE_EFFECTS : NO_SIDE_EFFECTS;
  if (!isSet(hook.sideEffects))
    errors.push(required(`${field}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`));
  errors.push(...optionalOneOf(hook.sideEffects, sideEffects, `${field}.sideEffects`));
  const timeout = hook.timeoutSeconds;
  if (isSet(timeout) && (timeout > TIMEOUT_SECONDS_MAX || timeout < 1))
    errors.push(invalid(`${field}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds'));
  const options = { allowInvalidLabelValue: leniency.labelValues };
  for (const selector of ['namespaceSelector', 'objectSelector'] as const)
    errors.push(...validateLabelSelector(hook[selector], `${field}.${selector}`, options));
  if (mutating)
    errors.push(...optionalOneOf(hook.reinvocationPolicy, REINVOCATION_POLICIES, `${field}.reinvocationPolicy`));
  errors.push(...validateClientConfig(hook.clientConfig, `${field}.clientConfig`));
  errors.push(
    ...validateMatchConditions(hook.matchConditions, `${field}.matchConditions`, false, leniency.expressions),
  );
  return errors;
}

function validateReviewVersions(versions: string[], field: string, lenient: boolean): FieldError[] {
  if (versions.length === 0) return [required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  const errors: FieldError[] = [];
  const again = repeats(versions);
  for (const [i, version] of versions.entries())
    if (again[i]) errors.push(invalid(`${field}[${i}]`, version, 'duplicate version'));
    else for (const words of isDNS1035Label(version)) errors.push(invalid(`${field}[${i}]`, version, words));
  if (!lenient && !versions.some((v) => REVIEW_VERSIONS.includes(v)))
    errors.push(invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  return errors;
}

function validate(o: Configuration, mutating: boolean, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, hook] of hooksOf(o).entries()) {
    const at = `webhooks[${i}]`;
    errors.push(...validateWebhook(hook, at, mutating, leniency));
    errors.push(
      ...validateReviewVersions(
        hook.admissionReviewVersions ?? [],
        `${at}.admissionReviewVersions`,
        leniency.reviewVersions,
      ),
    );
    if (!leniency.repeatedNames && hook.name && names.has(hook.name)) errors.push(duplicate(`${at}.name`, hook.name));
    names.add(hook.name);
  }
  return errors;
}

/** By group, the reviews that no webhook is asked about. Source: k8s.io/kubernetes/pkg/kubeapiserver/admission/exclusion. */
const EXCLUDED: Record<string, readonly string[]> = {
  'authentication.k8s.io': ['selfsubjectreviews', 'tokenreviews'],
  'authorization.k8s.io': [
    'localsubjectaccessreviews',
    'selfsubjectaccessreviews',
    'selfsubjectrulesreviews',
    'subjectaccessreviews',
  ],
};

/** Rules that name what no webhook is asked about. With a wildcard, they mean something else besides. */
function warnings(o: Configuration): string[] {
  const texts: string[] = [];
  for (const [i, { rules = [] }] of hooksOf(o).entries())
    for (const [k, { apiGroups = [], resources = [] }] of rules.entries()) {
      if (apiGroups.includes('*') || resources.includes('*')) continue;
      for (const group of new Set(apiGroups))
        for (const resource of new Set(resources))
          if (own(EXCLUDED, group)?.includes(resource))
            texts.push(
              `webhooks[${i}].rules[${k}]: ${resource}.${group} is excluded from admission webhooks; this rule will have no effect`,
            );
    }
  return texts;
}

const configuration = (mutating: boolean): Strategy<Configuration> => ({
  hasGeneration: true,
  metadataRules: 'plain',
  allowUnconditionalUpdate: false,
  defaults: (o) => {
    for (const hook of hooksOf(o)) {
      hook.failurePolicy ??= 'Fail';
      hook.matchPolicy ??= 'Equivalent';
      hook.namespaceSelector ??= {};
      hook.objectSelector ??= {};
      hook.timeoutSeconds ??= 10;
      if (mutating) hook.reinvocationPolicy ??= 'Never';
      ruleDefaults(hook.rules);
      if (hook.clientConfig?.service) hook.clientConfig.service.port ??= 443;
    }
  },
  prepareForUpdate: countContentChange,
  validate: (o) => validate(o, mutating, STRICT),
  validateUpdate: (o, old) => validate(o, mutating, leniencyOf(o, old)),
  warnings,
});

export const mutatingWebhookConfiguration: Strategy = configuration(true);

export const validatingWebhookConfiguration: Strategy = configuration(false);
