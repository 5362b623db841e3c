import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { ANONYMOUS_LIMITS } from './limits.ts';
import { MAX_SIMULATED_NODES, MAX_SIMULATED_OBJECTS, MAX_SIMULATED_PODS } from './schemas.ts';
import { serveSimulate } from './simulate.ts';
import { testApp } from './test-app.ts';

const app = testApp(serveSimulate);

async function post(path: string, body: unknown): Promise<{ status: number; type: string | null; body: LooseObject }> {
  const response = await app.request(`/v1/simulate/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

const node = (name: string, cpu: string) => ({
  metadata: { name },
  status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
});
const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } };

describe('POST /v1/simulate/schedule', () => {
  it('puts a pod on the emptier node and says how each plugin scored', async () => {
    const { status, body } = await post('schedule', { pod, nodes: [node('a', '2'), node('b', '8')] });
    expect(status).toBe(200);
    expect(body.node).toBe('b');
    expect(body.nodes.map((n: LooseObject) => [n.name, n.fits])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    const fit = body.nodes[1].scores.find((s: LooseObject) => s.plugin === 'NodeResourcesFit');
    expect(fit).toEqual({ plugin: 'NodeResourcesFit', raw: 92, weighted: 92 });
  });

  it('says why a pod must wait, node by node', async () => {
    const tainted = { ...node('b', '8'), spec: { taints: [{ key: 't', effect: 'NoSchedule' }] } };
    const { body } = await post('schedule', { pod, nodes: [node('a', '500m'), tainted] });
    expect(body).toEqual({
      node: null,
      message:
        '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). ' +
        'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
      nodes: [
        { name: 'a', fits: false, plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'], resolvable: false },
        {
          name: 'b',
          fits: false,
          plugin: 'TaintToleration',
          reasons: ['node(s) had untolerated taint(s)'],
          resolvable: false,
        },
      ],
    });
  });

  it('names the victims of a preemption', async () => {
    const victim = { ...pod, metadata: { name: 'v' }, spec: { ...pod.spec, nodeName: 'a', priority: 1 } };
    const important = { ...pod, spec: { ...pod.spec, priorityClassName: 'high' } };
    const high = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 10 };
    const { body } = await post('schedule', {
      pod: important,
      nodes: [node('a', '1')],
      pods: [victim],
      objects: [high],
    });
    expect(body.nominatedNode).toBe('a');
    expect(body.victims).toEqual([{ namespace: 'default', name: 'v' }]);
  });

  it('answers bad input with a problem', async () => {
    expect(await post('schedule', '{')).toMatchObject({ status: 400, type: 'application/problem+json' });
    const missing = await post('schedule', { pod: { metadata: {} }, nodes: [] });
    expect(missing).toMatchObject({ status: 422, type: 'application/problem+json' });
    expect(missing.body.errors[0].pointer).toBe('/pod/metadata/name');
    const odd = { metadata: { name: 'p' }, spec: { containers: 7 } };
    expect(await post('schedule', { pod: odd, nodes: [node('a', '1')] })).toMatchObject({ status: 422 });
  });
});

describe('POST /v1/simulate/cni', () => {
  it('gives addresses in order, node by node, until there are none', async () => {
    const { status, body } = await post('cni', {
      nodes: [{ name: 'a' }, { name: 'b', podCIDR: '10.9.0.0/30' }],
      pods: [
        { name: 'one', node: 'a' },
        { name: 'two', node: 'a' },
        { name: 'three', node: 'b' },
        { name: 'four', node: 'b' },
      ],
    });
    expect(status).toBe(200);
    expect(body.pods.map((p: LooseObject) => p.address ?? p.error)).toEqual([
      '10.244.0.2',
      '10.244.0.3',
      '10.9.0.2',
      'no IP addresses available in 10.9.0.0/30',
    ]);
  });
});

describe('POST /v1/simulate/kube-proxy', () => {
  it('writes the rules of a cluster IP', async () => {
    const { status, body } = await post('kube-proxy', {
      ipFamily: 'IPv4',
      node: { name: 'n', ips: ['172.20.0.1'] },
      clusterCIDR: '10.244.0.0/16',
      services: [{ metadata: { name: 's', namespace: 'd' }, spec: { clusterIP: '10.96.0.9', ports: [{ port: 80 }] } }],
      endpointSlices: [],
    });
    expect(status).toBe(200);
    expect(body.output.filter).toContain(
      '-A KUBE-SERVICES -m comment --comment "d/s has no endpoints" -m tcp -p tcp -d 10.96.0.9 --dport 80 -j REJECT\n',
    );
  });

  it('refuses an address family that there is not', async () => {
    const bad = { ipFamily: 'IPv5', node: { name: 'n', ips: [] }, services: [], endpointSlices: [] };
    expect(await post('kube-proxy', bad)).toMatchObject({ status: 422 });
  });
});

describe('the work that /v1/simulate does for anybody', () => {
  const proxy = (ports: number, endpoints: number, more: object = {}) => {
    const list = Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: i + 1 }));
    return {
      ipFamily: 'IPv4',
      node: { name: 'n', ips: ['10.0.0.1'] },
      services: [{ metadata: { name: 's', namespace: 'd' }, spec: { clusterIP: '10.96.0.1', ports: list } }],
      endpointSlices: [
        {
          metadata: { namespace: 'd', labels: { 'kubernetes.io/service-name': 's' } },
          addressType: 'IPv4',
          ports: list,
          endpoints: Array.from({ length: endpoints }, (_, i) => ({ addresses: [`10.244.${i >> 8}.${i & 255}`] })),
        },
      ],
      ...more,
    };
  };

  it('has so many endpoints, whatever they are multiplied from', async () => {
    const fits = await post('kube-proxy', proxy(50, ANONYMOUS_LIMITS.proxyEndpoints / 50));
    expect(fits.status).toBe(200);
    for (const mode of ['iptables', 'nftables']) {
      const over = await post('kube-proxy', proxy(50, ANONYMOUS_LIMITS.proxyEndpoints / 50 + 1, { mode }));
      expect(over).toMatchObject({ status: 422, type: 'application/problem+json' });
      expect(over.body.detail).toContain('pairs of a port and an endpoint');
      expect(over.body.detail).toContain('With the token of a cluster');
    }
  });

  it('writes so many characters of rules', async () => {
    const long = proxy(1, 1);
    long.services[0]!.spec.ports[0]!.name = 'x'.repeat(1000);
    long.endpointSlices[0]!.ports = long.services[0]!.spec.ports;
    expect((await post('kube-proxy', long)).status).toBe(200);
    long.services[0]!.spec.ports[0]!.name = 'x'.repeat(2_000_000);
    const over = await post('kube-proxy', long);
    expect([over.status, over.body.detail]).toEqual([422, expect.stringContaining('make more work than is done')]);
  });

  it('multiplies ports with addresses, and addresses with ranges, only so far', async () => {
    const ranged = proxy(100, 0);
    const spec: LooseObject = ranged.services[0]!.spec;
    spec.externalIPs = Array.from({ length: ANONYMOUS_LIMITS.proxyServicePorts / 100 }, () => '1.1.1.1');
    expect((await post('kube-proxy', ranged)).body.detail).toContain("pairs of a service's port");
    const nodePortAddresses = Array.from({ length: ANONYMOUS_LIMITS.proxyNodeAddresses }, () => '10.0.0.0/8');
    expect((await post('kube-proxy', proxy(1, 1, { nodePortAddresses }))).body.detail).toContain('address of the node');
  });

  it('holds so many rules of a pod against so many nodes and pods', async () => {
    const term = (i: number) => ({ topologyKey: 'zone', labelSelector: { matchLabels: { app: `web-${i}` } } });
    const affinity = (terms: number) => ({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: Array.from({ length: terms }, (_, i) => term(i)),
      },
    });
    const nodes = Array.from({ length: 50 }, (_, i) => ({
      ...node(`n${i}`, '64'),
      metadata: { name: `n${i}`, labels: { zone: `z${i}` } },
    }));
    const pods = Array.from({ length: 1000 }, (_, i) => ({
      metadata: { name: `p${i}`, labels: { app: 'x' } },
      spec: { nodeName: `n${i % 50}`, containers: [{ name: 'c' }] },
    }));
    const ask = (terms: number) =>
      post('schedule', { pod: { ...pod, spec: { ...pod.spec, affinity: affinity(terms) } }, nodes, pods });
    expect((await ask(20)).body.node).toMatch(/^n/);
    const over = await ask(5000);
    expect([over.status, over.body.detail]).toEqual([422, expect.stringContaining("The pod's rules, times the nodes")]);
  });

  it('takes so many addresses that are given out, and works them off in turn', async () => {
    const reserved = Array.from(
      { length: ANONYMOUS_LIMITS.reservedAddresses },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    );
    const pods = Array.from({ length: 1000 }, (_, i) => ({ name: `p${i}`, node: 'n' }));
    const { status, body } = await post('cni', { nodes: [{ name: 'n', podCIDR: '10.0.0.0/8', reserved }], pods });
    expect([status, body.pods[999].address, body.nodes[0].reserved.length]).toEqual([200, '10.0.82.7', 21_000]);
    const full = await post('cni', { nodes: [{ name: 'n', podCIDR: '10.0.0.0/18', reserved }], pods });
    expect(full.body.pods[999].error).toBe('no IP addresses available in 10.0.0.0/18');
    const over = await post('cni', {
      nodes: [{ name: 'n', podCIDR: '10.0.0.0/8', reserved: [...reserved, '10.9.9.9'] }],
      pods,
    });
    expect([over.status, over.body.detail]).toEqual([422, expect.stringContaining('reserved addresses')]);
  });

  it('says of a long list that it is long, and of many faults the first', async () => {
    const nodes = await post('cni', { nodes: Array.from({ length: 501 }, () => 1), pods: [] });
    expect(nodes.body.errors).toEqual([{ pointer: '/nodes', detail: 'has 501 elements, and may have 500' }]);
    const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, i]));
    const faults = await post('schedule', { pod: { metadata: { name: 'p', labels } }, nodes: [] });
    expect(faults.body.errors).toEqual([{ pointer: '/pod/metadata/labels', detail: 'must map texts to texts' }]);
    const unknown = await post('schedule', { pod, nodes: [], ...labels });
    expect(unknown.body.errors).toHaveLength(100);
    expect(JSON.stringify(unknown.body).length).toBeLessThan(10_000);
  });
});

it.each([
  ['nodes', MAX_SIMULATED_NODES, (size: number) => ({ nodes: many(size, (i) => ({ metadata: { name: `n${i}` } })) })],
  [
    'pods',
    MAX_SIMULATED_PODS,
    (size: number) => ({ nodes: [], pods: many(size, (i) => ({ metadata: { name: `p${i}` }, spec: {} })) }),
  ],
  [
    'objects',
    MAX_SIMULATED_OBJECTS,
    (size: number) => ({
      nodes: [],
      objects: many(size, (i) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: `s${i}` } })),
    }),
  ],
])('a simulation has a limit on its %s', async (field, limit, body) => {
  const beyond = await post('schedule', { pod, ...body(limit + 1) });
  expect([beyond.status, beyond.body.errors?.[0].pointer]).toEqual([422, `/${field}`]);
  expect((await post('schedule', { pod, ...body(limit) })).status).not.toBe(422);
});

const many = <T>(size: number, item: (i: number) => T): T[] => Array.from({ length: size }, (_, i) => item(i));
