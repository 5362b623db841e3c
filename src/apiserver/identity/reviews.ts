/**
 * Kinds that are questions: access reviews, token reviews, who am I. They are created, answered and never stored.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/ and authentication-resources.
 */
import type { Kind } from '../../catalog/kinds.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import type { SubjectAccessReviewSpec } from '../../objects/generated/authorization-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { badRequest, invalid as invalidObject } from '../../objects/status.ts';
import { type Attributes, aggregate, authorize, grantsFor } from '../../resources/rbac/authorizer.ts';
import type { PolicyRule } from '../../resources/rbac/policy-rule.ts';
import type { Identity } from './authentication.ts';
import { API_AUDIENCE } from './service-account-token.ts';
import type { Reviewed } from './token-authority.ts';

/** What an answer may need to know. */
export interface ReviewContext {
  identity: Identity;
  namespace?: string;
  /** RFC 3339. */
  now: string;
  policy(): Promise<View>;
  /** Whose token this is, and for which of the audiences; or why it is nobody's. */
  authenticate(token: string, audiences: readonly string[]): Promise<Reviewed | { error: string }>;
}

type Answer = (review: KubeObject, context: ReviewContext) => Promise<void>;

const ANSWERS: Record<string, Answer> = {
  SelfSubjectReview: async (review, { identity, now }) => {
    review.metadata = { ...review.metadata, creationTimestamp: now };
    review.status = { userInfo: userInfo(identity) };
  },
  SelfSubjectAccessReview: async (review, context) => {
    refuse(review, attributeErrors(review.spec));
    review.status = decide(context.identity, review.spec, await context.policy());
  },
  SubjectAccessReview: answerForSubject,
  LocalSubjectAccessReview: answerForSubject,
  SelfSubjectRulesReview: async (review, { identity, policy }) => {
    const namespace = review.spec?.namespace;
    if (!namespace) throw badRequest('no namespace on request');
    review.status = rulesStatus(identity, namespace, await policy());
    // The question is not repeated.
    review.metadata = {} as KubeObject['metadata'];
    review.spec = {};
  },
  TokenReview: async (review, { authenticate }) => {
    if (!review.spec?.token) throw badRequest('token is required for TokenReview in authentication');
    const audiences: string[] = review.spec.audiences?.length > 0 ? review.spec.audiences : [API_AUDIENCE];
    const found = await authenticate(review.spec.token, audiences);
    review.status =
      'error' in found
        ? { error: found.error, user: {} }
        : { authenticated: true, user: userInfo(found.identity), audiences: found.audiences };
  },
};

const REVIEW_GROUPS = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

export const isReview = ({ group, kind }: Pick<Kind, 'group' | 'kind'>): boolean =>
  REVIEW_GROUPS.has(group) && Object.hasOwn(ANSWERS, kind);

/** Fills in the review's status. @throws StatusError 400 or 422 for a question that makes no sense. */
export const answerReview: Answer = (review, context) => ANSWERS[review.kind]!(review, context);

async function answerForSubject(review: KubeObject, context: ReviewContext): Promise<void> {
  const spec = review.spec ?? {};
  const errors = attributeErrors(spec);
  if (!spec.user && !spec.groups?.length)
    errors.push(invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified'));
  if (review.kind === 'LocalSubjectAccessReview') {
    if (spec.nonResourceAttributes)
      errors.push(
        invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request'),
      );
    if (spec.resourceAttributes && spec.resourceAttributes.namespace !== context.namespace)
      errors.push(
        invalid(
          'spec.resourceAttributes.namespace',
          spec.resourceAttributes.namespace ?? '',
          'must match metadata.namespace',
        ),
      );
  }
  refuse(review, errors);
  const identity: Identity = {
    user: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid ? { uid: spec.uid } : {}),
    ...(spec.extra ? { extra: spec.extra } : {}),
  };
  review.status = decide(identity, spec, await context.policy());
}

type Asked = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

function attributeErrors(spec: Asked | undefined): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec ?? {};
  if (resourceAttributes && nonResourceAttributes)
    return [
      invalid(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    ];
  if (!resourceAttributes && !nonResourceAttributes)
    return [invalid('spec', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
  return [];
}

/** The real server leaves the kind and the name out of what it says here. */
function refuse(review: KubeObject, errors: FieldError[]): void {
  if (errors.length > 0) throw invalidObject(review.apiVersion.split('/')[0]!, '', '', errors);
}

function decide(identity: Identity, spec: Asked, policy: View): { allowed: boolean; reason?: string } {
  const { allowed, reason } = authorize(identity, attributesOf(spec), policy);
  return { allowed, ...(reason ? { reason } : {}) };
}

function attributesOf(spec: Asked): Attributes {
  const { resourceAttributes: r = {}, nonResourceAttributes: n } = spec;
  if (n) return { verb: n.verb ?? '', path: n.path ?? '' };
  return {
    verb: r.verb ?? '',
    group: r.group ?? '',
    version: r.version ?? '*',
    resource: r.resource ?? '',
    ...(r.subresource ? { subresource: r.subresource } : {}),
    ...(r.namespace ? { namespace: r.namespace } : {}),
    ...(r.name ? { name: r.name } : {}),
  };
}

function userInfo(identity: Identity): Record<string, unknown> {
  return {
    username: identity.user,
    ...(identity.uid ? { uid: identity.uid } : {}),
    groups: identity.groups,
    ...(identity.extra ? { extra: identity.extra } : {}),
  };
}

/** What the bindings say, rule by rule: a master has what is bound to his group, as everybody. */
function rulesStatus(identity: Identity, namespace: string, policy: View): Record<string, unknown> {
  const resourceRules: unknown[] = [];
  const nonResourceRules: unknown[] = [];
  const problems: string[] = [];
  const add = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): void => {
    if (resources?.length)
      resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames?.length ? { resourceNames } : {}) });
    if (nonResourceURLs?.length) nonResourceRules.push({ verbs, nonResourceURLs });
  };
  for (const { rules, problem } of grantsFor(identity, namespace, policy)) {
    if (problem) problems.push(problem);
    for (const rule of rules) add(rule);
  }
  return {
    resourceRules,
    nonResourceRules,
    incomplete: false,
    ...(problems.length > 0 ? { evaluationError: aggregate(problems) } : {}),
  };
}
