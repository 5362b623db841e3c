import { expect, it } from 'vitest';
import { MAX_COMMENT } from './masquerade.ts';
import { call, hostLocalOf } from './test-call.ts';

const config = { ipam: hostLocalOf('10.22.0.0/24'), ipMasq: true };

it('cuts comments that nftables has no room for, and finds its rules by them all the same', () => {
  const containerID = 'c'.repeat(MAX_COMMENT);
  const masqueraded = { ...config, ipMasqBackend: 'nftables' };
  const { state } = call({ plugin: 'bridge', containerID, config: masqueraded });
  const rules = (lines: string[] = []) => lines.filter((line) => line.includes('saddr'));
  const [rule] = rules(state.network!.host.filter.nftables);
  expect(/comment "(.*)"/.exec(rule!)![1]!.length).toBe(MAX_COMMENT);
  const after = call({ plugin: 'bridge', command: 'DEL', containerID, config: masqueraded, state });
  expect(rules(after.state.network!.host.filter.nftables)).toEqual([]);
});

it('takes its chain away with the pod', () => {
  const { state } = call({ plugin: 'bridge', config });
  expect(Object.keys(state.network!.host.filter.iptables!.nat!)).toHaveLength(2);
  expect(call({ plugin: 'bridge', command: 'DEL', config, state }).state.network!.host.filter).toEqual({});
});
