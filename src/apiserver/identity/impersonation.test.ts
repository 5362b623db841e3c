import { describe, expect, it } from 'vitest';
import { StatusError } from '../../objects/status.ts';
import type { Attributes } from '../../resources/rbac/authorizer.ts';
import type { Identity } from './authentication.ts';
import { impersonate, wantedUser } from './impersonation.ts';

const REQUEST: Attributes = { verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const BOB: Identity = { user: 'bob', groups: ['system:authenticated'] };

const said = (attributes: Attributes): string =>
  attributes.path === undefined
    ? [
        attributes.verb,
        attributes.group,
        attributes.resource,
        attributes.subresource,
        attributes.namespace,
        attributes.name,
      ]
        .map((x) => x || '-')
        .join(' ')
    : `${attributes.verb} ${attributes.path}`;

/** Who `real` becomes with rights that are listed as `said` says them, or the message of the refusal. */
function become(headers: Record<string, string>, rights: string[], real: Identity = BOB): Identity | string {
  try {
    const wanted = wantedUser(new Headers(headers))!;
    return impersonate(wanted, real, REQUEST, (asked) => ({ allowed: rights.includes(said(asked)), reason: '' }));
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.message}`;
    throw error;
  }
}

describe('impersonation headers', () => {
  it.each([
    [{ 'impersonate-group': 'devs' }, 'Name:"", UID:"", Groups:[]string{"devs"}, Extra:map[string][]string(nil)'],
    [{ 'impersonate-uid': '7' }, 'Name:"", UID:"7", Groups:[]string(nil), Extra:map[string][]string(nil)'],
    [
      { 'impersonate-user': '', 'impersonate-extra-b': '2', 'impersonate-extra-A': '1' },
      'Name:"", UID:"", Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"1"}, "b":[]string{"2"}}',
    ],
  ])('%j without a user are refused', (headers, text) => {
    expect(become(headers as unknown as Record<string, string>, [])).toBe(
      `400 requested &user.DefaultInfo{${text}} without impersonating a user name`,
    );
  });

  it.each(['%zz', '%', 'a%2', '%ff'])('an extra whose key is %s is refused', (key) => {
    expect(become({ 'impersonate-user': 'x', [`impersonate-extra-${key}`]: 'v' }, [])).toMatch(/^400 the header /);
  });

  it('several of one name are several values; a comma alone is part of one', () => {
    const headers = new Headers({ 'impersonate-user': 'x', 'impersonate-group': 'a,b' });
    headers.append('impersonate-group', 'c');
    headers.append('impersonate-extra-acme.com%2Fproject', '1');
    expect(wantedUser(headers)).toMatchObject({ groups: ['a,b', 'c'], extra: { 'acme.com/project': ['1'] } });
    expect(wantedUser(new Headers())).toBeUndefined();
  });
});

describe('with the plain right to impersonate', () => {
  it('each part is asked for, and service accounts come with their groups', () => {
    const user = {
      'impersonate-user': 'ann',
      'impersonate-group': 'devs',
      'impersonate-uid': '7',
      'impersonate-extra-k': 'v',
    };
    const rights = [
      'impersonate - users - - ann',
      'impersonate - groups - - devs',
      'impersonate authentication.k8s.io uids - - 7',
      'impersonate authentication.k8s.io userextras k - v',
    ];
    expect(become(user, rights)).toEqual({
      user: 'ann',
      groups: ['devs', 'system:authenticated'],
      uid: '7',
      extra: { k: ['v'] },
    });
    for (const right of rights)
      expect(
        become(
          user,
          rights.filter((r) => r !== right),
        ),
      ).toMatch(/^403 /);
    const account = { 'impersonate-user': 'system:serviceaccount:ns:bot' };
    expect(become(account, ['impersonate - users - - system:serviceaccount:ns:bot'])).toMatch(/^403 /);
    expect(become(account, ['impersonate - serviceaccounts - ns bot'])).toMatchObject({
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
    });
  });

  it('nobody is unauthenticated, and who names that group stays so', () => {
    const as = (headers: object) =>
      become({ 'impersonate-user': 'system:anonymous', ...headers }, [
        'impersonate - users - - system:anonymous',
        'impersonate - users - - ann',
        'impersonate - groups - - system:unauthenticated',
      ]);
    expect(as({})).toMatchObject({ groups: ['system:unauthenticated'] });
    expect(as({ 'impersonate-user': 'ann', 'impersonate-group': 'system:unauthenticated' })).toMatchObject({
      groups: ['system:unauthenticated'],
    });
  });
});

describe('constrained impersonation', () => {
  const on = 'impersonate-on:user-info:list - pods - default -';
  it('needs the right to the request as well, and the first refusal is told', () => {
    const ann = { 'impersonate-user': 'ann' };
    expect(become(ann, [])).toBe(
      '403 pods is forbidden: User "bob" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
    );
    expect(become(ann, [on])).toBe(
      '403 users.authentication.k8s.io "ann" is forbidden: User "bob" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    );
    expect(become(ann, [on, 'impersonate:user-info authentication.k8s.io users - - ann'])).toMatchObject({
      user: 'ann',
    });
  });

  it('never makes a master', () => {
    const headers = { 'impersonate-user': 'ann', 'impersonate-group': 'system:masters' };
    const rights = [
      on,
      'impersonate:user-info authentication.k8s.io users - - ann',
      'impersonate:user-info authentication.k8s.io groups - - system:masters',
    ];
    expect(become(headers, rights)).toMatch(/^403 .*impersonating the system:masters group is not allowed$/);
  });

  it('lets an agent be the node that it runs on', () => {
    const agent: Identity = {
      user: 'system:serviceaccount:kube-system:agent',
      groups: [],
      extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
    };
    const rights = [
      'impersonate-on:associated-node:list - pods - default -',
      'impersonate:associated-node authentication.k8s.io nodes - - *',
    ];
    expect(become({ 'impersonate-user': 'system:node:n1' }, rights, agent)).toMatchObject({
      user: 'system:node:n1',
      groups: ['system:nodes', 'system:authenticated'],
    });
    expect(become({ 'impersonate-user': 'system:node:n2' }, rights, agent)).toMatch(/^403 /);
  });
});
