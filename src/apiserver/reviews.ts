/**
 * Kinds that are questions: access reviews, token reviews, who am I. They are created, answered and never stored.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/ and authentication-resources.
 */
import { type FieldError, invalid, required } from '../resources/field-error.ts';
import type { KubeObject, View } from '../resources/object.ts';
import type { Identity } from './authentication.ts';
import { type Attributes, authorize, rulesFor } from './authorization.ts';
import { badRequest, invalid as invalidObject, type StatusError } from './status.ts';

/** What an answer may need to know. */
export interface ReviewContext {
  identity: Identity;
  namespace?: string;
  /** RFC 3339. */
  now: string;
  policy(): Promise<View>;
  /** Whose token this is; undefined if nobody's. */
  authenticate(token: string): Promise<Identity | undefined>;
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
  },
  TokenReview: async (review, { authenticate }) => {
    if (!review.spec?.token) throw badRequest('token is required for TokenReview in authentication');
    const identity = await authenticate(review.spec.token);
    review.status = identity
      ? { authenticated: true, user: userInfo(identity), audiences: review.spec.audiences }
      : { error: 'invalid bearer token', user: {} };
  },
};

export const isReview = (kind: string): boolean => Object.hasOwn(ANSWERS, kind);

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

function attributeErrors(spec: any): FieldError[] {
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

function decide(identity: Identity, spec: any, policy: View): { allowed: boolean; reason?: string } {
  const { allowed, reason } = authorize(identity, attributesOf(spec), policy);
  return { allowed, ...(reason ? { reason } : {}) };
}

function attributesOf(spec: any): Attributes {
  const { resourceAttributes: r, nonResourceAttributes: n } = spec;
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

function rulesStatus(identity: Identity, namespace: string, policy: View): Record<string, unknown> {
  const resourceRules: unknown[] = [];
  const nonResourceRules: unknown[] = [];
  const add = (rule: any): void => {
    if (rule.nonResourceURLs?.length)
      nonResourceRules.push({ verbs: rule.verbs, nonResourceURLs: rule.nonResourceURLs });
    if (rule.resources?.length)
      resourceRules.push({
        verbs: rule.verbs,
        apiGroups: rule.apiGroups,
        resources: rule.resources,
        ...(rule.resourceNames?.length ? { resourceNames: rule.resourceNames } : {}),
      });
  };
  if (identity.groups.includes('system:masters')) {
    add({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
    add({ verbs: ['*'], nonResourceURLs: ['*'] });
  }
  for (const { rules } of rulesFor(identity, namespace, policy)) for (const rule of rules) add(rule);
  return { resourceRules, nonResourceRules, incomplete: false };
}

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
export const DEFAULT_TOKEN_SECONDS = 3600;

/** @throws StatusError 422 for a lifetime that a service account's token may not have. */
export function checkTokenRequest(spec: any): void {
  const seconds = spec.expirationSeconds;
  const errors: FieldError[] = [];
  if (seconds < MIN_TOKEN_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAX_TOKEN_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'));
  const bound = spec.boundObjectRef;
  if (bound && !bound.name) errors.push(required('spec.boundObjectRef.name'));
  if (errors.length > 0) throw tokenRequestInvalid(errors);
}

const tokenRequestInvalid = (errors: FieldError[]): StatusError =>
  invalidObject('authentication.k8s.io', 'TokenRequest', '', errors);
