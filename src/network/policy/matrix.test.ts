import { describe, expect, it } from 'vitest';
import { limitedWork, WorkExceeded } from '../../simulation/work-budget.ts';
import { packetAddress } from '../packet/packet.ts';
import type { PolicyLike } from './compiled-policy.ts';
import { compilePolicy, namespaceLabels } from './compiled-policy.ts';
import { decide } from './decision.ts';
import { policyMatrix } from './matrix.ts';
import { podSubject, policyPod } from './subjects.ts';
import { denied, namespace, pod, policy } from './test-policies.ts';

/** Three namespaces with three pods each, all listening on 80 and 81 with each protocol, as upstream's matrix has them. */
const namespaces = ['x', 'y', 'z'].map((name) => namespace(name, { ns: name }));
const pods = namespaces.flatMap(({ metadata }) =>
  ['a', 'b', 'c'].map((name) =>
    pod(
      `${metadata.name}/${name}`,
      { pod: name },
      ['TCP', 'UDP', 'SCTP'].flatMap((p) => [80, 81].map((port) => `serve-${port}-${p.toLowerCase()}:${port}/${p}`)),
    ),
  ),
);
const keys = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
const PORTS = ['80', '81', '80/UDP', '81/UDP', '80/SCTP', '81/SCTP'];

const run = (...policies: PolicyLike[]): string[] => denied({ pods, namespaces, policies }).sort();

/** All connections for which `closed` holds. */
const where = (closed: (from: string, to: string, port: string) => boolean): string[] =>
  keys
    .flatMap((from) =>
      keys.flatMap((to) =>
        PORTS.flatMap((port) => (from !== to && closed(from, to, port) ? [`${from} -> ${to}:${port}`] : [])),
      ),
    )
    .sort();

const inX = (key: string): boolean => key.startsWith('x/');
const A = { podSelector: { matchLabels: { pod: 'a' } } };
const B = { podSelector: { matchLabels: { pod: 'b' } } };
const ANY = { podSelector: {} };

describe('the matrix of three namespaces with three pods each', () => {
  it('denies all that comes in', () => {
    expect(run(policy('x', 'deny', { ...ANY, policyTypes: ['Ingress'] }))).toEqual(where((_, to) => inX(to)));
  });

  it('denies all that goes out, but to the pod itself', () => {
    expect(run(policy('x', 'deny', { ...ANY, policyTypes: ['Egress'] }))).toEqual(where((from) => inX(from)));
  });

  it('tells protocols apart', () => {
    const spec = { ...A, ingress: [{ ports: [{ port: 80, protocol: 'UDP' }] }] };
    expect(run(policy('x', 'udp', spec))).toEqual(where((_, to, port) => to === 'x/a' && port !== '80/UDP'));
    const all = { ...A, ingress: [{ ports: [{ protocol: 'SCTP' }] }] };
    expect(run(policy('x', 'sctp', all))).toEqual(where((_, to, port) => to === 'x/a' && !port.endsWith('/SCTP')));
  });

  it('takes a port by its name, for the protocol that it has', () => {
    const spec = { ...A, ingress: [{ ports: [{ port: 'serve-81-tcp' }] }] };
    expect(run(policy('x', 'named', spec))).toEqual(where((_, to, port) => to === 'x/a' && port !== '81'));
    const wrong = { ...A, ingress: [{ ports: [{ port: 'serve-81-tcp', protocol: 'UDP' }] }] };
    expect(run(policy('x', 'named', wrong))).toEqual(where((_, to) => to === 'x/a'));
  });

  it('takes expressions of selectors', () => {
    const spec = {
      ...A,
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchExpressions: [{ key: 'ns', operator: 'NotIn', values: ['x'] }] },
              podSelector: { matchExpressions: [{ key: 'pod', operator: 'In', values: ['b', 'c'] }] },
            },
          ],
        },
      ],
    };
    expect(run(policy('x', 'expressions', spec))).toEqual(
      where((from, to) => to === 'x/a' && (inX(from) || from.endsWith('/a'))),
    );
  });

  it('adds up: what one policy lets in another does not take away', () => {
    const a = policy('x', 'a', { ...A, ingress: [{ from: [{ namespaceSelector: { matchLabels: { ns: 'y' } } }] }] });
    const b = policy('x', 'b', { ...A, ingress: [{ from: [B], ports: [{ port: 81 }] }] });
    expect(run(a, b)).toEqual(
      where((from, to, port) => to === 'x/a' && !from.startsWith('y/') && !(from === 'x/b' && port === '81')),
    );
  });

  it('takes blocks of addresses, with what is excepted', () => {
    const ip = (key: string): string => pods[keys.indexOf(key)]!.status!.podIP!;
    const block = { cidr: '10.244.0.0/16', except: [`${ip('y/a')}/32`] };
    const spec = { ...A, ingress: [{ from: [{ ipBlock: block }] }] };
    expect(run(policy('x', 'block', spec))).toEqual(where((from, to) => to === 'x/a' && from === 'y/a'));
    const out = { ...A, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: `${ip('z/c')}/32` } }] }] };
    expect(run(policy('x', 'out', out))).toEqual(where((from, to) => from === 'x/a' && to !== 'z/c'));
  });

  it('says of each cell why, once for all cells with the same reason', () => {
    const spec = { ...A, ingress: [{ from: [B] }, { ports: [{ port: 81 }] }] };
    const matrix = policyMatrix({
      pods,
      namespaces,
      policies: [policy('x', 'p', spec)],
      ports: [{ protocol: 'TCP', port: 80 }],
    });
    const cell = (from: string, to: string) => {
      const row = matrix.rows.find((r) => r.to === to)!;
      return matrix.verdicts[row.from[matrix.pods.indexOf(from)]!]!;
    };
    const free = 'egress: allowed, no policy selects the pod; ';
    expect(cell('x/b', 'x/a').reason).toBe(`${free}ingress: allowed by rule 1 of x/p`);
    expect(cell('x/c', 'x/a')).toMatchObject({
      allowed: false,
      reason: `${free}ingress: denied, rule 1 of x/p is not about this source, rule 2 of x/p is not about this port`,
      ingress: {
        selectedBy: ['x/p'],
        missed: [
          { policy: 'x/p', rule: 1, because: 'peer' },
          { rule: 2, because: 'port' },
        ],
      },
    });
    expect(cell('x/a', 'x/a').reason).toMatch(/a pod always reaches itself; ingress: a pod always/);
    expect(matrix.verdicts).toHaveLength(4);
  });

  it('says for each cell what a single decision says', () => {
    const policies = [
      policy('x', 'p', { ...A, ingress: [{ from: [B] }, { ports: [{ port: 81 }] }] }),
      policy('y', 'q', {
        ...ANY,
        policyTypes: ['Egress'],
        egress: [{ to: [A], ports: [{ port: 80, protocol: 'UDP' }] }],
      }),
    ];
    const matrix = policyMatrix({ pods, namespaces, policies });
    const labels = namespaceLabels(namespaces);
    const compiled = policies.map((p) => compilePolicy(p, labels));
    const subjects = pods.map((p) => podSubject(policyPod(p)));
    for (const { to, port, protocol, from } of matrix.rows)
      from.forEach((place, i) => {
        // The same objects: a pod is itself by identity.
        const target = subjects[keys.indexOf(to)]!;
        const { reason, allowed } = decide(compiled, { from: subjects[i]!, to: target, port: { port, protocol } });
        expect([to, i, matrix.verdicts[place]!.reason, matrix.verdicts[place]!.allowed]).toEqual([
          to,
          i,
          reason,
          allowed,
        ]);
      });
  });

  it('does no more than its budget', () => {
    const input = { pods, namespaces, policies: [policy('x', 'p', { ...A, ingress: [{}] })] };
    const counted = limitedWork(1_000_000);
    policyMatrix(input, counted);
    expect(() => policyMatrix(input, limitedWork(counted.spent))).not.toThrow();
    expect(() => policyMatrix(input, limitedWork(counted.spent - 1))).toThrow(WorkExceeded);
  });
});

describe('a connection that is no cell', () => {
  const labels = namespaceLabels(namespaces);
  const closed = [compilePolicy(policy('x', 'deny', { ...ANY, policyTypes: ['Ingress', 'Egress'] }), labels)];
  const target = podSubject(policyPod(pods[0]!));
  const port = { protocol: 'TCP', port: 80 };
  const outside = { addresses: [packetAddress('198.51.100.7')!] };

  it('is closed for the outside, and open for a probe of the node', () => {
    expect(decide(closed, { from: outside, to: target, port }).allowed).toBe(false);
    expect(decide(closed, { from: { addresses: [], node: 'node-1' }, to: target, port }).allowed).toBe(true);
    expect(decide(closed, { from: { addresses: [], node: 'node-2' }, to: target, port }).allowed).toBe(false);
  });

  it('may go to a block outside, but to no port that has only a name', () => {
    const spec = { ...A, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: '198.51.100.0/24' } }] }] };
    const open = [compilePolicy(policy('x', 'out', spec), labels)];
    expect(decide(open, { from: target, to: outside, port }).allowed).toBe(true);
    const named = { ...A, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'serve-80-tcp' }] }] };
    const byName = [compilePolicy(policy('x', 'out', named), labels)];
    expect(decide(byName, { from: target, to: outside, port }).allowed).toBe(false);
    expect(decide(byName, { from: target, to: podSubject(policyPod(pods[4]!)), port }).allowed).toBe(true);
  });

  it('does not see pods in the network of their node', () => {
    const host = podSubject(policyPod(pod('x/host', {}, [], { hostNetwork: true })));
    expect(decide(closed, { from: outside, to: host, port })).toMatchObject({
      allowed: true,
      ingress: { exempt: 'hostNetwork' },
    });
  });
});
