import { OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import type { PlatformBindings } from './bindings.ts';
import { invalidBody, ProblemError, problemResponse } from './problem.ts';
import { serveSimulate } from './simulate.ts';

const app = new OpenAPIHono<{ Bindings: PlatformBindings }>({
  defaultHook: (result) => {
    if (!result.success) throw invalidBody(result.error as Parameters<typeof invalidBody>[0]);
  },
});
app.onError((error) => {
  if (error instanceof ProblemError) return problemResponse(error);
  throw error;
});
serveSimulate(app);

async function post(path: string, body: unknown): Promise<{ status: number; type: string | null; body: any }> {
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
    expect(body.nodes.map((n: any) => [n.name, n.fits])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    const fit = body.nodes[1].scores.find((s: any) => s.plugin === 'NodeResourcesFit');
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
    expect(body.pods.map((p: any) => p.address ?? p.error)).toEqual([
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
