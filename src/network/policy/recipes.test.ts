/** Situations that people write policies for, and who is shut out by them. */
import { describe, expect, it } from 'vitest';
import type { PolicyLike } from './compiled-policy.ts';
import { denied, namespace, pod, policy } from './test-policies.ts';

const namespaces = [
  namespace('shop', { team: 'shop' }),
  namespace('ops', { team: 'operations' }),
  namespace('lab', { team: 'lab' }),
];
const pods = [
  pod('shop/web', { app: 'web' }, ['http:80']),
  pod('shop/api', { app: 'api', role: 'backend' }, ['http:8080', 'metrics:9090']),
  pod('shop/db', { app: 'db', role: 'storage' }, ['sql:5432']),
  pod('ops/monitor', { app: 'monitor', type: 'monitoring' }, ['ui:3000']),
  pod('lab/test', { app: 'test' }, ['any:7000']),
];

const run = (...policies: PolicyLike[]): string[] => denied({ pods, namespaces, policies });
const others = (to: string, except: string[] = []): string[] => {
  const name = to.slice(0, to.lastIndexOf(':'));
  return ['shop/web', 'shop/api', 'shop/db', 'ops/monitor', 'lab/test']
    .filter((from) => from !== name && !except.includes(from))
    .map((from) => `${from} -> ${to}`);
};
const API = ['shop/api:8080', 'shop/api:9090'];
const allOf = (targets: string[], except: string[] = []): string[] => targets.flatMap((to) => others(to, except));
const app = (name: string) => ({ podSelector: { matchLabels: { app: name } } });
const ANY = {};

describe('who is shut out', () => {
  it('nobody, without policies', () => {
    expect(run()).toEqual([]);
  });

  it('everybody from an application that is to be closed', () => {
    expect(run(policy('shop', 'closed', { ...app('api'), ingress: [] }))).toEqual(allOf(API));
  });

  it('all but the application that is named', () => {
    const spec = { ...app('api'), ingress: [{ from: [app('web')] }] };
    expect(run(policy('shop', 'from-web', spec))).toEqual(allOf(API, ['shop/web']));
  });

  it('nobody from an application that is open, though its namespace is closed', () => {
    const closed = policy('shop', 'default-deny', { podSelector: ANY, policyTypes: ['Ingress'] });
    const open = policy('shop', 'open', { ...app('api'), ingress: [{}] });
    expect(run(closed, open)).toEqual([...others('shop/web:80'), ...others('shop/db:5432')]);
  });

  it('everybody from a namespace that lets nothing in', () => {
    expect(run(policy('shop', 'default-deny', { podSelector: ANY, ingress: [] }))).toEqual(
      allOf(['shop/web:80', ...API, 'shop/db:5432']),
    );
  });

  it('other namespaces, where its own pods may come', () => {
    const spec = { podSelector: ANY, ingress: [{ from: [{ podSelector: ANY }] }] };
    expect(run(policy('shop', 'own-only', spec))).toEqual(
      allOf(['shop/web:80', ...API, 'shop/db:5432'], ['shop/web', 'shop/api', 'shop/db']),
    );
  });

  it('nobody, where pods of all namespaces may come', () => {
    const spec = { ...app('web'), ingress: [{ from: [{ namespaceSelector: ANY }] }] };
    expect(run(policy('shop', 'all-namespaces', spec))).toEqual([]);
  });

  it('all but the pods of a namespace with a label', () => {
    const spec = {
      ...app('web'),
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'operations' } } }] }],
    };
    expect(run(policy('shop', 'from-ops', spec))).toEqual(others('shop/web:80', ['ops/monitor']));
  });

  it('all but some pods of a namespace that is known by its name', () => {
    const spec = {
      ...app('db'),
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ops' } },
              podSelector: { matchLabels: { type: 'monitoring' } },
            },
          ],
        },
      ],
    };
    expect(run(policy('shop', 'monitoring', spec))).toEqual(others('shop/db:5432', ['ops/monitor']));
  });

  it('one selector after the other: either lets in, where each is an item of its own', () => {
    const spec = {
      ...app('db'),
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'lab' } } }, app('api')] }],
    };
    expect(run(policy('shop', 'either', spec))).toEqual(others('shop/db:5432', ['lab/test', 'shop/api']));
  });

  it('those who come to another port', () => {
    const spec = { ...app('api'), ingress: [{ ports: [{ port: 9090 }], from: [{ namespaceSelector: ANY }] }] };
    expect(run(policy('shop', 'metrics', spec))).toEqual(others('shop/api:8080'));
    const named = { ...app('api'), ingress: [{ ports: [{ port: 'metrics' }] }] };
    expect(run(policy('shop', 'metrics', named))).toEqual(others('shop/api:8080'));
    const range = { ...app('api'), ingress: [{ ports: [{ port: 8000, endPort: 8080 }] }] };
    expect(run(policy('shop', 'range', range))).toEqual(others('shop/api:9090'));
    const short = { ...app('api'), ingress: [{ ports: [{ port: 8000, endPort: 8079 }] }] };
    expect(run(policy('shop', 'range', short))).toEqual(allOf(API));
  });

  it('all but those that any of several selectors names', () => {
    const spec = {
      ...app('db'),
      ingress: [{ from: [app('web'), { podSelector: { matchLabels: { role: 'backend' } } }] }],
    };
    expect(run(policy('shop', 'several', spec))).toEqual(others('shop/db:5432', ['shop/web', 'shop/api']));
  });

  it('what an application sends, where it may send nothing', () => {
    const spec = { ...app('web'), policyTypes: ['Egress'], egress: [] };
    expect(run(policy('shop', 'silent', spec))).toEqual([
      'shop/web -> shop/api:8080',
      'shop/web -> shop/api:9090',
      'shop/web -> shop/db:5432',
      'shop/web -> ops/monitor:3000',
      'shop/web -> lab/test:7000',
    ]);
  });

  it('what a namespace sends, where it may send nothing', () => {
    const spec = { podSelector: ANY, policyTypes: ['Egress'] };
    expect(run(policy('lab', 'silent', spec))).toEqual([
      'lab/test -> shop/web:80',
      'lab/test -> shop/api:8080',
      'lab/test -> shop/api:9090',
      'lab/test -> shop/db:5432',
      'lab/test -> ops/monitor:3000',
    ]);
  });

  it('what goes elsewhere than to the pods that an application needs', () => {
    const spec = {
      ...app('api'),
      policyTypes: ['Egress'],
      egress: [{ to: [app('db')], ports: [{ port: 'sql' }] }],
    };
    expect(run(policy('shop', 'to-db', spec))).toEqual([
      'shop/api -> shop/web:80',
      'shop/api -> ops/monitor:3000',
      'shop/api -> lab/test:7000',
    ]);
  });

  it('what leaves the cluster, where only its pods and names may be asked', () => {
    const spec = {
      ...app('web'),
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }, { to: [{ namespaceSelector: ANY }] }],
    };
    expect(run(policy('shop', 'inside', spec))).toEqual([]);
  });

  it('both ends must agree', () => {
    const out = policy('shop', 'out', { ...app('web'), policyTypes: ['Egress'], egress: [{ to: [app('api')] }] });
    const into = policy('shop', 'in', { ...app('api'), ingress: [{ from: [app('db')] }] });
    expect(run(out, into)).toContain('shop/web -> shop/api:8080');
    expect(run(out)).not.toContain('shop/web -> shop/api:8080');
  });

  it('a policy for egress alone isolates nobody from what comes in', () => {
    const out = policy('shop', 'out', { podSelector: ANY, policyTypes: ['Egress'], egress: [{}] });
    expect(run(out)).toEqual([]);
  });
});
