/**
 * The `Impersonate-*` headers, and who may become whom: first with the rights that constrained impersonation asks for, then with the
 * plain `impersonate`. Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 * (models k8s.io/apiserver/pkg/endpoints/filters/impersonation).
 */
import { validateDomainPrefixedPath } from '../../objects/domain-names.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../objects/names.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import type { Attributes, Decision } from '../../resources/rbac/authorizer.ts';
import { type Identity, serviceAccountGroups } from './authentication.ts';
import { refusal } from './authorization.ts';

const EXTRA = 'impersonate-extra-';

/** From so many groups or extra values on, one question about all of them is tried before one each. */
const MANY = 4;

/** Who a request asks to be, as it says it. */
export interface Wanted {
  user: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
}

/** Undefined when the headers ask for nobody. @throws StatusError 400 for headers that make no sense. */
export function wantedUser(headers: Headers): Wanted | undefined {
  const groups = valuesOf(headers.get('impersonate-group'));
  const extra: Record<string, string[]> = Object.create(null);
  for (const name of headers.keys()) if (name.startsWith(EXTRA)) extra[extraKey(name)] = valuesOf(headers.get(name));
  const user = headers.get('impersonate-user') ?? '';
  const wanted: Wanted = { user, uid: headers.get('impersonate-uid') ?? '', groups, extra };
  if (user) return wanted;
  if (!wanted.uid && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
  throw badRequest(`requested ${goText(wanted)} without impersonating a user name`);
}

/** Several headers of one name arrive as one, joined by a comma and a space. */
const valuesOf = (value: string | null): string[] => (value === null ? [] : value.split(', '));

function extraKey(header: string): string {
  try {
    return decodeURIComponent(header.slice(EXTRA.length));
  } catch {
    throw badRequest(`the header ${JSON.stringify(header)} is not percent-encoded as the key of an extra must be`);
  }
}

/** As Go prints the struct. */
function goText({ user, uid, groups, extra }: Wanted): string {
  const list = (values: string[]): string => `[]string{${values.map((v) => JSON.stringify(v)).join(', ')}}`;
  const keys = Object.keys(extra).sort();
  const members = keys.map((key) => `${JSON.stringify(key)}:${list(extra[key]!)}`).join(', ');
  const all = groups.length > 0 ? list(groups) : '[]string(nil)';
  const map = keys.length > 0 ? `map[string][]string{${members}}` : 'map[string][]string(nil)';
  return `&user.DefaultInfo{Name:${JSON.stringify(user)}, UID:${JSON.stringify(uid)}, Groups:${all}, Extra:${map}}`;
}

/** What the real user may do. */
export type Authorize = (attributes: Attributes) => Decision;

/** The identity that `real` takes on for a request. @throws StatusError 403, the first mode's that could have served. */
export function impersonate(wanted: Wanted, real: Identity, request: Attributes, authorize: Authorize): Identity {
  let first: StatusError | undefined;
  for (const mode of MODES) {
    if (!mode.serves(wanted, real)) continue;
    try {
      const check = checker(real, authorize, mode.anyNode ?? false);
      if (mode.name) check({ ...request, verb: `impersonate-on:${mode.name}:${request.verb}` });
      return assume(wanted, mode.name, check);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      first ??= error;
    }
  }
  throw first!;
}

interface Mode {
  /** Absent for plain impersonation. */
  name?: string;
  serves(wanted: Wanted, real: Identity): boolean;
  /** Asks for the right to be any node, whichever it is. */
  anyNode?: boolean;
}

const NODE_NAME = 'authentication.kubernetes.io/node-name';

const onlyUser = ({ uid, groups, extra }: Wanted): boolean =>
  !uid && groups.length === 0 && Object.keys(extra).length === 0;

const MODES: Mode[] = [
  {
    name: 'associated-node',
    anyNode: true,
    serves: (wanted, real) => {
      const node = nodeOf(wanted.user);
      const own = real.extra?.[NODE_NAME];
      return (
        onlyUser(wanted) &&
        node !== undefined &&
        serviceAccountOf(real.user) !== undefined &&
        own?.length === 1 &&
        own[0] === node
      );
    },
  },
  { name: 'arbitrary-node', serves: (wanted) => onlyUser(wanted) && nodeOf(wanted.user) !== undefined },
  { name: 'serviceaccount', serves: (wanted) => onlyUser(wanted) && serviceAccountOf(wanted.user) !== undefined },
  {
    name: 'user-info',
    serves: ({ user }) => nodeOf(user) === undefined && serviceAccountOf(user) === undefined,
  },
  { serves: () => true },
];

interface Check {
  /** @throws StatusError 403 for what the real user may not do. */
  (attributes: Attributes): void;
  /** What nobody may do. */
  refuse(attributes: Attributes, words: string): StatusError;
}

function checker(real: Identity, authorize: Authorize, anyNode: boolean): Check {
  const check = (asked: Attributes): void => {
    const attributes = anyNode && asked.verb === 'impersonate:associated-node' ? { ...asked, name: '*' } : asked;
    const { allowed, reason } = authorize(attributes);
    if (!allowed) throw refusal(real, attributes, reason);
  };
  return Object.assign(check, {
    refuse: (attributes: Attributes, words: string) => refusal(real, attributes, words),
  });
}

/** @throws StatusError 403 for the first part of `wanted` that may not be taken on. */
function assume(wanted: Wanted, mode: string | undefined, check: Check): Identity {
  const verb = mode ? `impersonate:${mode}` : 'impersonate';
  const of = (resource: string, name: string, subresource?: string): ResourceAttributes => ({
    verb,
    group: mode || resource === 'uids' || resource === 'userextras' ? 'authentication.k8s.io' : '',
    version: 'v1',
    resource,
    name,
    ...(subresource === undefined ? {} : { subresource }),
  });
  const { user, uid, extra } = wanted;
  let groups = [...wanted.groups];
  const account = serviceAccountOf(user);
  const node = mode ? nodeOf(user) : undefined;
  if (node !== undefined) groups = ['system:nodes'];
  else if (account && groups.length === 0) groups = serviceAccountGroups(account.namespace);
  if (account) check({ ...of('serviceaccounts', account.name), namespace: account.namespace });
  else check(node === undefined ? of('users', user) : of('nodes', node));
  if (uid) check(of('uids', uid));
  if (wanted.groups.length > 0) checkGroups(wanted.groups, mode !== undefined, of, check);
  if (Object.keys(extra).length > 0) checkExtra(extra, mode !== undefined, of, check);
  const everyone = user === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(everyone) && !groups.includes('system:unauthenticated')) groups.push(everyone);
  return { user, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra: { ...extra } } : {}) };
}

type ResourceAttributes = Extract<Attributes, { resource: string }>;
type Of = (resource: string, name: string, subresource?: string) => ResourceAttributes;

function checkGroups(groups: string[], constrained: boolean, of: Of, check: Check): void {
  if (constrained) {
    const refuse = (name: string, what: string): StatusError =>
      check.refuse(of('groups', name), `impersonating the ${what} is not allowed`);
    if (groups.includes('')) throw refuse('', 'empty string group');
    if (groups.includes('system:masters')) throw refuse('system:masters', 'system:masters group');
    if (groups.length >= MANY && passes(check, of('groups', '*'))) return;
  }
  for (const group of groups) check(of('groups', group));
}

function checkExtra(extra: Record<string, string[]>, constrained: boolean, of: Of, check: Check): void {
  if (constrained) {
    const problem = extraProblem(extra);
    if (problem) throw check.refuse(of('userextras', ''), problem);
    const count = Object.values(extra).reduce((sum, values) => sum + values.length, 0);
    if (count >= MANY && passes(check, of('userextras', '*', '*'))) return;
  }
  for (const [key, values] of Object.entries(extra)) for (const value of values) check(of('userextras', value, key));
}

function passes(check: Check, attributes: Attributes): boolean {
  try {
    check(attributes);
    return true;
  } catch {
    return false;
  }
}

function extraProblem(extra: Record<string, string[]>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const [error] = validateDomainPrefixedPath('extra.key', key);
    if (error) return `impersonating an invalid key in extra is not allowed: ${error.field}: ${error.message}`;
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

function nodeOf(user: string): string | undefined {
  const name = user.startsWith('system:node:') ? user.slice('system:node:'.length) : '';
  return name && isDNS1123Subdomain(name).length === 0 ? name : undefined;
}

/** The account that a user name such as `system:serviceaccount:default:builder` stands for. */
function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  const [system, kind, namespace = '', name = '', ...more] = user.split(':');
  if (system !== 'system' || kind !== 'serviceaccount' || more.length > 0) return undefined;
  return isDNS1123Label(namespace).length === 0 && isDNS1123Subdomain(name).length === 0
    ? { namespace, name }
    : undefined;
}
