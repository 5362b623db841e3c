import { describe, expect, it } from 'vitest';
import { type ApiObject, ageOf, commandLines, podState, podsOf, portsOf } from './model.ts';

const pod = (name: string, parts: Partial<ApiObject> = {}): ApiObject => ({
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  ...parts,
});
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

describe('what the page knows of a cluster', () => {
  it.each([
    ['pending', pod('a')],
    ['starting', pod('a', { spec: { nodeName: 'n' }, status: { phase: 'Pending' } })],
    ['running', pod('a', { spec: { nodeName: 'n' }, status: running })],
    ['unready', pod('a', { spec: { nodeName: 'n' }, status: { phase: 'Running' } })],
    ['done', pod('a', { status: { phase: 'Succeeded' } })],
    ['failed', pod('a', { status: { phase: 'Failed' } })],
    [
      'failed',
      pod('a', {
        status: { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      }),
    ],
  ])('sees a pod that is %s', (state, object) => {
    expect(podState(object).state).toBe(state);
  });

  it('finds the ready pods behind a service', () => {
    const service: ApiObject = { metadata: { name: 's', namespace: 'default' }, spec: { selector: { app: 'web' } } };
    expect(podsOf(service, [pod('a', { status: running }), pod('b')]).map((p) => p.metadata.name)).toEqual(['a']);
    expect(podsOf({ ...service, spec: {} }, [pod('a', { status: running })])).toEqual([]);
  });

  it('writes ages and ports as kubectl does', () => {
    const now = Date.parse('2026-01-01T00:10:00Z');
    expect(ageOf('2026-01-01T00:09:00Z', now)).toBe('60s');
    expect(ageOf('2026-01-01T00:00:00Z', now)).toBe('10m');
    const ports = [
      { port: 80, nodePort: 30007, protocol: 'TCP' },
      { port: 53, protocol: 'UDP' },
    ];
    expect(portsOf({ metadata: { name: 's' }, spec: { ports } })).toBe('80:30007/TCP 53/UDP');
  });
});

describe('the lines to copy', () => {
  it('have the address of the page', () => {
    const lines = commandLines('http://localhost:8787', { id: 'abc', token: 'secret' }).flatMap((block) => block.lines);
    expect(lines[0]).toBe(
      'curl -s http://localhost:8787/v1/clusters/abc/kubeconfig -H "authorization: Bearer secret" > kc',
    );
  });
});
