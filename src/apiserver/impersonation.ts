/** The `Impersonate-*` headers. Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ */
import type { Identity } from './authentication.ts';
import type { Attributes } from './authorization.ts';
import { StatusError } from './status.ts';

const EXTRA = 'impersonate-extra-';

export interface Impersonation {
  identity: Identity;
  /** What the real user must be allowed to do first. */
  needs: Attributes[];
}

/** Who the request asks to be, or undefined when it asks for nobody. */
export function impersonation(headers: Headers): Impersonation | undefined {
  const user = headers.get('impersonate-user');
  const groups = (headers.get('impersonate-group') ?? '')
    .split(',')
    .map((g) => g.trim())
    .filter(Boolean);
  const uid = headers.get('impersonate-uid') ?? undefined;
  const extra: Record<string, string[]> = {};
  for (const [name, value] of headers)
    if (name.startsWith(EXTRA))
      extra[decodeURIComponent(name.slice(EXTRA.length))] = value.split(',').map((v) => v.trim());
  if (!user) {
    if (groups.length || uid || Object.keys(extra).length)
      throw new StatusError(
        500,
        'InternalError',
        'Internal error occurred: requested impersonation without impersonating a user',
        {
          causes: [{ message: 'requested impersonation without impersonating a user' }],
        },
      );
    return undefined;
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  const needs: Attributes[] = [
    account
      ? {
          verb: 'impersonate',
          group: '',
          version: 'v1',
          resource: 'serviceaccounts',
          namespace: account[1]!,
          name: account[2]!,
        }
      : { verb: 'impersonate', group: '', version: 'v1', resource: 'users', name: user },
    ...groups.map((name) => ({ verb: 'impersonate', group: '', version: 'v1', resource: 'groups', name })),
  ];
  const authentication = { verb: 'impersonate', group: 'authentication.k8s.io', version: 'v1' };
  if (uid) needs.push({ ...authentication, resource: 'uids', name: uid });
  for (const [key, values] of Object.entries(extra))
    for (const name of values) needs.push({ ...authentication, resource: 'userextras', subresource: key, name });
  if (account && groups.length === 0) groups.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  const everyone = user === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(everyone)) groups.push(everyone);
  return {
    identity: { user, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length ? { extra } : {}) },
    needs,
  };
}
