/**
 * Questions about what may be done. Who answers them is given by the caller: `new CelAuthorizer(user, authorize)`.
 * Source: k8s.io/apiserver's pkg/cel/library/authz.go.
 */
import { isDNS1123Label, isDNS1123Subdomain } from '../../objects/names.ts';
import type { FunctionTable } from '../declarations.ts';
import { struct } from '../type.ts';
import { CelError, CelObject, noSuchOverload, type Value } from '../value.ts';

/** A question: a path, or a resource. */
export interface AuthorizationQuestion {
  verb: string;
  path?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** As they were written. */
  fieldSelector?: string;
  labelSelector?: string;
  /** Undefined: who makes the request. */
  serviceAccount?: { namespace: string; name: string };
}

export interface AuthorizationAnswer {
  allowed: boolean;
  reason: string;
  /** Why there is no answer. */
  error?: string;
}

export type Authorize = (question: AuthorizationQuestion) => AuthorizationAnswer;

const PREFIX = 'kubernetes.authorization.';

/** Each call adds to the question, in a value of its own. */
class Asking extends CelObject {
  readonly type;
  readonly authorize: Authorize;
  readonly question: AuthorizationQuestion;
  constructor(kind: string, authorize: Authorize, question: AuthorizationQuestion) {
    super();
    this.type = struct(PREFIX + kind);
    this.authorize = authorize;
    this.question = question;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof Asking ? other === this : noSuchOverload();
  }

  with(kind: string, more: Partial<AuthorizationQuestion>): Asking {
    return new Asking(kind, this.authorize, { ...this.question, ...more });
  }
}

class Decision extends CelObject {
  readonly type = struct(`${PREFIX}Decision`);
  readonly answer: AuthorizationAnswer;
  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof Decision ? other === this : noSuchOverload();
  }
}

/** The variable `authorizer`. */
export const authorizerValue = (authorize: Authorize): Value => new Asking('Authorizer', authorize, { verb: '' });

/** The variable `authorizer.requestResource`. */
export const requestResourceValue = (authorize: Authorize, about: Omit<AuthorizationQuestion, 'verb'>): Value =>
  new Asking('ResourceCheck', authorize, { verb: '', ...about });

const check = (asking: Asking, verb: string): Value => new Decision(asking.authorize({ ...asking.question, verb }));

const resourcePart =
  (field: keyof AuthorizationQuestion) =>
  (asking: Asking, value: string): Value =>
    asking.with('ResourceCheck', { [field]: value });

const A = `${PREFIX}Authorizer`;
const PATH = `${PREFIX}PathCheck`;
const GROUP = `${PREFIX}GroupCheck`;
const RESOURCE = `${PREFIX}ResourceCheck`;
const DECISION = `${PREFIX}Decision`;

const path = (asking: Asking, text: string): Value =>
  text.trim() === '' ? new CelError('path must not be empty') : asking.with('PathCheck', { path: text });
const resource = (asking: Asking, text: string): Value =>
  text.trim() === '' ? new CelError('resource must not be empty') : asking.with('ResourceCheck', { resource: text });

function serviceAccount(asking: Asking, namespace: string, name: string): Value {
  if (isDNS1123Subdomain(name).length > 0) return new CelError('Invalid service account name');
  if (isDNS1123Label(namespace).length > 0) return new CelError('Invalid service account namespace');
  return asking.with('Authorizer', { serviceAccount: { namespace, name } });
}

export const AUTHORIZER: FunctionTable = {
  path: [['authorizer_path', `${A}.(string) -> ${PATH}`, path]],
  group: [
    [
      'authorizer_group',
      `${A}.(string) -> ${GROUP}`,
      (asking: Asking, group: string) => asking.with('GroupCheck', { group }),
    ],
  ],
  serviceAccount: [['authorizer_serviceaccount', `${A}.(string, string) -> ${A}`, serviceAccount]],
  resource: [['groupcheck_resource', `${GROUP}.(string) -> ${RESOURCE}`, resource]],
  subresource: [['resourcecheck_subresource', `${RESOURCE}.(string) -> ${RESOURCE}`, resourcePart('subresource')]],
  namespace: [['resourcecheck_namespace', `${RESOURCE}.(string) -> ${RESOURCE}`, resourcePart('namespace')]],
  name: [['resourcecheck_name', `${RESOURCE}.(string) -> ${RESOURCE}`, resourcePart('name')]],
  fieldSelector: [['authorizer_fieldselector', `${RESOURCE}.(string) -> ${RESOURCE}`, resourcePart('fieldSelector')]],
  labelSelector: [['authorizer_labelselector', `${RESOURCE}.(string) -> ${RESOURCE}`, resourcePart('labelSelector')]],
  check: [
    ['pathcheck_check', `${PATH}.(string) -> ${DECISION}`, check],
    ['resourcecheck_check', `${RESOURCE}.(string) -> ${DECISION}`, check],
  ],
  errored: [['decision_errored', `${DECISION}.() -> bool`, ({ answer }: Decision) => answer.error !== undefined]],
  error: [['decision_error', `${DECISION}.() -> string`, ({ answer }: Decision) => answer.error ?? '']],
  allowed: [['decision_allowed', `${DECISION}.() -> bool`, ({ answer }: Decision) => answer.allowed]],
  reason: [['decision_reason', `${DECISION}.() -> string`, ({ answer }: Decision) => answer.reason]],
};
