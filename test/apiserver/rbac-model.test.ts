/** The authorizer, the comparison of rights and the rules review against a model of them, over random policies. */

import { describe, expect, it } from 'vitest';
import type { View } from '../../src/objects/object.ts';
import { viewOf as viewOver } from '../../src/objects/view.ts';
import { authorize, grantsFor } from '../../src/resources/rbac/authorizer.ts';
import { uncovered } from '../../src/resources/rbac/covers.ts';
import { createRandom } from '../../src/simulation/random.ts';
import type { LooseObject as KubeObject } from '../loose-object.ts';
import {
  allows,
  type Binding,
  missing,
  type Policy,
  type Question,
  type Rule,
  rulesOf,
  type User,
} from './rbac-model.ts';

const POLICIES = Number(process.env.RBAC_POLICIES ?? 10_000);
const QUESTIONS = 6;

const VERBS = ['get', 'list', 'bind', '*'];
const GROUPS = ['', 'apps', '*'];
const RESOURCES = ['pods', 'pods/log', 'nodes', '*/log', '*'];
const NAMES = ['a', 'b'];
const URLS = ['/healthz', '/api/*', '/api', '*', '/apis*'];
const NAMESPACES = ['one', 'two'];
const ROLES = ['r1', 'r2', 'r3'];
const USERS: User[] = [
  { name: 'ann', groups: ['devs', 'system:authenticated'] },
  { name: 'bob', groups: ['system:authenticated'] },
  { name: 'system:serviceaccount:one:bot', groups: ['system:serviceaccounts', 'system:serviceaccounts:one'] },
  { name: 'system:serviceaccount:two:bot', groups: ['system:serviceaccounts', 'system:serviceaccounts:two'] },
];

class Draw {
  #random: ReturnType<typeof createRandom>;
  constructor(seed: string) {
    this.#random = createRandom('rbac', seed);
  }
  one<T>(from: readonly T[]): T {
    return from[this.#random.integer(from.length)]!;
  }
  some<T>(from: readonly T[], least = 1): T[] {
    const picked = from.filter(() => this.#random.integer(3) === 0);
    return picked.length >= least ? picked : [this.one(from)];
  }
  chance(of: number): boolean {
    return this.#random.integer(of) === 0;
  }
  count(most: number): number {
    return this.#random.integer(most + 1);
  }
  rule(): Rule {
    if (this.chance(4)) return { verbs: this.some(VERBS), nonResourceURLs: this.some(URLS) };
    const rule: Rule = { verbs: this.some(VERBS), apiGroups: this.some(GROUPS), resources: this.some(RESOURCES) };
    return this.chance(3) ? { ...rule, resourceNames: this.some(NAMES) } : rule;
  }
  rules(): Rule[] {
    return Array.from({ length: this.count(3) }, () => this.rule());
  }
  partsOf(rules: Rule[]): Rule[] {
    return rules.filter(() => this.chance(2)).map((rule) => ({ ...rule, verbs: this.some(rule.verbs) }));
  }
  binding(): Binding {
    const namespace = this.chance(2) ? this.one(NAMESPACES) : undefined;
    const kind = namespace && this.chance(2) ? 'Role' : 'ClusterRole';
    const subjects = this.some<Binding['subjects'][number]>([
      { kind: 'User', name: 'ann' },
      { kind: 'Group', name: 'devs' },
      { kind: 'Group', name: 'system:serviceaccounts:two' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'two' },
      { kind: 'ServiceAccount', name: 'bot', ...(namespace ? {} : { namespace: 'one' }) },
    ]);
    // r3 is never made: a role that is not there gives nothing.
    return { ...(namespace ? { namespace } : {}), role: { kind, name: this.one(ROLES) }, subjects };
  }
  policy(): Policy {
    const roles = Object.fromEntries(NAMESPACES.map((n) => [n, { r1: this.rules(), r2: this.rules() }]));
    const bindings = Array.from({ length: this.count(5) }, () => this.binding());
    return { clusterRoles: { r1: this.rules(), r2: this.rules() }, roles, bindings };
  }
  question(): Question {
    if (this.chance(4))
      return { verb: this.one(VERBS), url: this.one(['/healthz', '/api', '/api/v1', '/apis/apps', '/x']) };
    return {
      verb: this.one(VERBS),
      group: this.one(['', 'apps']),
      resource: this.one(['pods', 'pods/log', 'nodes', 'nodes/log']),
      name: this.one(['', ...NAMES]),
      namespace: this.one(['', ...NAMESPACES]),
    };
  }
}

const GROUP = 'rbac.authorization.k8s.io';

/** The policy as objects of the API. */
function viewOf(policy: Policy): View {
  const objects: [string, KubeObject][] = [];
  const add = (resource: string, name: string, namespace: string | undefined, rest: object): void => {
    const metadata = { name, ...(namespace ? { namespace } : {}) };
    objects.push([`${resource}.${GROUP}`, { apiVersion: `${GROUP}/v1`, kind: resource, metadata, ...rest }]);
  };
  for (const [name, rules] of Object.entries(policy.clusterRoles)) add('clusterroles', name, undefined, { rules });
  for (const [namespace, roles] of Object.entries(policy.roles))
    for (const [name, rules] of Object.entries(roles)) add('roles', name, namespace, { rules });
  for (const [i, { namespace, role, subjects }] of policy.bindings.entries())
    add(namespace ? 'rolebindings' : 'clusterrolebindings', `b${i}`, namespace, { roleRef: role, subjects });
  return viewOver({
    revision: 1,
    get: (resource, namespace, name) =>
      objects.find(([r, o]) => r === resource && o.metadata.namespace === namespace && o.metadata.name === name)?.[1],
    list: (resource, namespace) =>
      objects
        .filter(([r, o]) => r === resource && (namespace === undefined || o.metadata.namespace === namespace))
        .map(([, o]) => o),
  });
}

function attributesOf(question: Question) {
  if ('url' in question) return { verb: question.verb, path: question.url };
  const [resource = '', subresource] = question.resource.split('/');
  const { verb, group, name, namespace } = question;
  return { verb, group, version: 'v1', resource, name, namespace, ...(subresource ? { subresource } : {}) };
}

const text = (rule: Rule): string =>
  rule.nonResourceURLs
    ? [rule.verbs[0], rule.nonResourceURLs[0]].join(' ')
    : [rule.verbs[0], rule.apiGroups![0], rule.resources![0], rule.resourceNames?.[0] ?? '-'].join(' ');

describe(`over ${POLICIES} random policies`, () => {
  it('who may what, what a user has, and what he lacks are as the model says', () => {
    let allowed = 0;
    let covered = 0;
    for (let seed = 0; seed < POLICIES; seed++) {
      const draw = new Draw(String(seed));
      const policy = draw.policy();
      const view = viewOf(policy);
      const user = draw.one(USERS);
      const who = { user: user.name, groups: user.groups };
      for (let i = 0; i < QUESTIONS; i++) {
        const question = draw.question();
        const namespace = 'url' in question ? '' : question.namespace;
        const expected = allows(rulesOf(policy, user, namespace), question);
        if (expected) allowed++;
        const actual = authorize(who, attributesOf(question), view).allowed;
        if (actual !== expected)
          expect({ seed, question, allowed: actual }).toEqual({ seed, question, allowed: expected });
      }
      const namespace = draw.one(['', ...NAMESPACES]);
      const held = rulesOf(policy, user, namespace);
      expect([...grantsFor(who, namespace, view)].flatMap(({ rules }) => rules)).toEqual(held);
      const wanted = draw.chance(2) ? draw.partsOf(held) : draw.rules();
      const lacks = missing(held, wanted);
      if (wanted.length > 0 && lacks.length === 0) covered++;
      expect({ seed, lacks: uncovered(held, wanted).map((rule) => text(rule as Rule)) }).toEqual({ seed, lacks });
      if (lacks.length > 0) continue;
      // Who has all of it can do nothing new with it.
      for (let i = 0; i < QUESTIONS; i++) {
        const question = draw.question();
        if (allows(wanted, question))
          expect({ seed, question, ok: allows(held, question) }).toEqual({ seed, question, ok: true });
      }
    }
    // The draw is worth something: a good part of the answers is yes.
    expect(allowed).toBeGreaterThan(POLICIES / 3);
    expect(covered).toBeGreaterThan(POLICIES / 20);
  });
});
