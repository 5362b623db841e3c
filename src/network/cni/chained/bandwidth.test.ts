import { expect, it } from 'vitest';
import { call, errorOf, hostLocalOf } from '../test-call.ts';
import { MAX_BURST_BYTES } from './bandwidth.ts';

const bridge = call({ plugin: 'bridge', config: { ipam: hostLocalOf('10.22.0.0/24') } });
const limited = (bandwidth: Record<string, number>) =>
  call({
    plugin: 'bandwidth',
    config: { prevResult: bridge.result, runtimeConfig: { bandwidth } },
    state: bridge.state,
  });

it('takes bursts below four gigabytes', () => {
  const of = (ingressBurst: number) => errorOf(limited({ ingressRate: 1_000_000, ingressBurst }));
  expect(of((MAX_BURST_BYTES - 1) * 8)).toBeUndefined();
  expect(of(MAX_BURST_BYTES * 8)).toBe('burst cannot be more than 4GB');
});

it('queues on the host end of the pod, each way', () => {
  const { state } = limited({ ingressRate: 8000, ingressBurst: 80_000, egressRate: 16_000, egressBurst: 8000 });
  const queues = state.network!.host.links.map(({ type, qdiscs }) => [type, qdiscs?.map(({ options }) => options)]);
  expect(queues).toEqual([
    ['bridge', undefined],
    ['veth', [{ rate: 1000, burst: 10_000, lat: 25_000 }, {}]],
    ['ifb', [{ rate: 2000, burst: 1000, lat: 25_000 }]],
  ]);
});
