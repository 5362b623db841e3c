/**
 * Which policies a request meets, by which bindings and with which parameters. Models policyDispatcher in k8s.io/apiserver's
 * plugin/policy/generic.
 */
import type { Catalog } from '../../../catalog/catalog.ts';
import type { Kind } from '../../../catalog/kinds.ts';
import type { Read } from '../../../catalog/strategy.ts';
import type { MatchResources } from '../../../objects/generated/admissionregistration-v1.gen.ts';
import type { KubeObject, View } from '../../../objects/object.ts';
import { type CompiledPolicy, compiledPolicy } from '../../../resources/admissionregistration/compiled-policy.ts';
import type { AdmissionRequest } from '../admission-request.ts';
import {
  MUTATING_POLICIES,
  MUTATING_POLICY_BINDINGS,
  VALIDATING_POLICIES,
  VALIDATING_POLICY_BINDINGS,
} from '../configurations.ts';
import { isAboutKind, matchedKind, matchesNamespace, matchesObject } from '../matching.ts';
import type { PluginContext } from '../plugin-context.ts';
import { ParamError, paramReads, paramsOf } from './params.ts';

/** A policy that is to be evaluated for a request. */
export interface Invocation {
  policy: KubeObject;
  binding: KubeObject;
  compiled: CompiledPolicy;
  /** The request's kind, in the version that the policy means. */
  kind: Kind;
  /** Null: there is none. */
  param: KubeObject | null;
}

/** A policy, or with `binding` one of its bindings, that can't be evaluated. */
export interface Misconfigured {
  policy: KubeObject;
  binding?: KubeObject;
  problem: string;
}

export const VALIDATING = { policies: VALIDATING_POLICIES, bindings: VALIDATING_POLICY_BINDINGS };
export const MUTATING = { policies: MUTATING_POLICIES, bindings: MUTATING_POLICY_BINDINGS };
type PolicyType = typeof VALIDATING | typeof MUTATING;

/** As none has that was made through the API. */
const NO_CONSTRAINTS = 'policy contained no match constraints, a required field';

/** No policy may keep anybody from changing policies. */
const EXEMPT = new Set<string>([
  MUTATING_POLICIES,
  MUTATING_POLICY_BINDINGS,
  VALIDATING_POLICIES,
  VALIDATING_POLICY_BINDINGS,
]);

export const isExempt = ({ name }: Kind): boolean => EXEMPT.has(name);

/** In the order of policies and bindings by name. A policy without a binding is in no force. */
export function* invocations(
  type: PolicyType,
  request: AdmissionRequest,
  context: PluginContext,
): Generator<Invocation | Misconfigured> {
  const { configurations, view } = context;
  if (isExempt(request.kind)) return;
  for (const { policy, bindings } of inForce(type, configurations)) {
    if (!policy.spec?.matchConstraints) {
      yield { policy: { ...policy, spec: policy.spec ?? {} }, problem: NO_CONSTRAINTS };
      continue;
    }
    const kind = meant(policy.spec.matchConstraints, request, view);
    if (!kind) continue;
    const compiled = compiledPolicy(policy);
    for (const binding of bindings) {
      const { matchResources } = binding.spec;
      if (matchResources && !meant(matchResources, request, view)) continue;
      try {
        for (const param of paramsOf(policy, binding, request, context))
          yield { policy, binding, compiled, kind, param };
      } catch (error) {
        if (!(error instanceof ParamError)) throw error;
        yield error.ofPolicy ? { policy, problem: error.message } : { policy, binding, problem: error.message };
        if (error.ofPolicy) break;
      }
    }
  }
}

interface Bound {
  policy: KubeObject;
  /** At least one. */
  bindings: KubeObject[];
}

function* inForce(type: PolicyType, configurations: View): Generator<Bound> {
  const byPolicy = new Map<string, KubeObject[]>();
  for (const binding of configurations.list(type.bindings)) {
    const name: string = binding.spec?.policyName ?? '';
    const others = byPolicy.get(name);
    if (others) others.push(binding);
    else byPolicy.set(name, [binding]);
  }
  if (byPolicy.size === 0) return;
  for (const policy of configurations.list(type.policies)) {
    const bindings = byPolicy.get(policy.metadata.name);
    if (bindings) yield { policy, bindings };
  }
}

/** The kind, in the version that rules name; the request's own where there are none. Undefined: it is not meant. */
function meant(match: MatchResources | undefined, request: AdmissionRequest, view: View): Kind | undefined {
  const { namespaceSelector, objectSelector, resourceRules, excludeResourceRules, matchPolicy } = match ?? {};
  if (!matchesNamespace(namespaceSelector, request, view) || !matchesObject(objectSelector, request)) return undefined;
  if (matchedKind(excludeResourceRules ?? [], matchPolicy, request)) return undefined;
  return resourceRules?.length ? matchedKind(resourceRules, matchPolicy, request) : request.kind;
}

/** The policies that may be about something of a kind. */
function* concerning(configurations: View, kind: Kind): Generator<Bound> {
  if (isExempt(kind)) return;
  for (const type of [MUTATING, VALIDATING])
    for (const bound of inForce(type, configurations)) {
      const { resourceRules = [] } = (bound.policy.spec?.matchConstraints ?? {}) as MatchResources;
      if (resourceRules.some((rule) => kind.equivalents.some((served) => isAboutKind(rule, served)))) yield bound;
    }
}

/** What policies want to see when something of a kind is written: its namespace, and their parameters. */
export function policyReads(configurations: View, kind: Kind, namespace: string | undefined, catalog: Catalog): Read[] {
  const reads: Read[] = [];
  for (const { policy, bindings } of concerning(configurations, kind)) {
    if (reads.length === 0 && namespace !== undefined) reads.push({ resource: 'namespaces', name: namespace });
    for (const binding of bindings) reads.push(...paramReads(policy, binding, namespace, catalog));
  }
  return reads;
}

/** Whether a policy that may be about a kind asks what somebody may do. */
export const policiesAskAuthorizer = (configurations: View, kind: Kind): boolean => {
  for (const { policy } of concerning(configurations, kind)) if (compiledPolicy(policy).asksAuthorizer) return true;
  return false;
};
