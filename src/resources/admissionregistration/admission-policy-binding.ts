/** The bindings of both kinds of admission policies. Source: k8s.io/kubernetes/pkg/apis/admissionregistration. */
import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { checked, dns1123Subdomain } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  MutatingAdmissionPolicyBinding,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import { isPathSegmentName } from '../../objects/names.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import { matchDefaults, mutatingOperations, validateMatchResources } from './admission-rules.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];

type AnyBinding = MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding;

function validateParamRef(ref: ParamRef | undefined, field: string): FieldError[] {
  if (!ref) return [];
  const errors: FieldError[] = [];
  const both = ref.name && ref.selector;
  const exclusive = 'name and selector are mutually exclusive';
  if (ref.name) errors.push(...checked(isPathSegmentName(ref.name), `${field}.name`, ref.name));
  if (both) errors.push(forbidden(`${field}.name`, exclusive));
  errors.push(...validateLabelSelector(ref.selector, `${field}.selector`));
  if (both) errors.push(forbidden(`${field}.selector`, exclusive));
  if (!ref.name && !ref.selector) errors.push(required(field, 'one of name or selector must be specified'));
  const action = ref.parameterNotFoundAction;
  if (!action) errors.push(required(`${field}.parameterNotFoundAction`));
  else if (action !== 'Deny' && action !== 'Allow')
    errors.push(notSupported(`${field}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
  return errors;
}

function validateActions(actions: string[], field: string, found: Findings): void {
  const again = repeats(actions);
  for (const [i, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) found.add(notSupported(`${field}[${i}]`, action, ACTIONS));
    if (again[i]) found.add(duplicate(`${field}[${i}]`, action));
  }
  if (actions.includes('Deny') && actions.includes('Warn'))
    found.add(
      invalid(
        field,
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  if (actions.length === 0) found.declare(required(field));
}

function validateBinding(o: AnyBinding, mutating: boolean): FieldError[] {
  const found = new Findings();
  const spec = o.spec ?? {};
  if (spec.policyName) found.add(...dns1123Subdomain(spec.policyName, 'spec.policyName'));
  else if (mutating) found.add(required('spec.policyName'));
  else found.declare(required('spec.policyName'));
  found.add(...validateParamRef(spec.paramRef, 'spec.paramRef'));
  found.add(...validateMatchResources(spec.matchResources, 'spec.matchResources'));
  if (!mutating)
    validateActions(('validationActions' in spec && spec.validationActions) || [], 'spec.validationActions', found);
  else if (spec.matchResources) found.add(...mutatingOperations(spec.matchResources, 'spec.matchResources'));
  return found.all();
}

const binding = (mutating: boolean): Strategy<AnyBinding> => ({
  hasGeneration: true,
  metadataRules: 'plain',
  allowUnconditionalUpdate: false,
  defaults: (o) => matchDefaults(o.spec?.matchResources),
  validate: (o) => validateBinding(o, mutating),
});

export const validatingAdmissionPolicyBinding: Strategy = binding(false);

export const mutatingAdmissionPolicyBinding: Strategy = binding(true);
