import { expect, it } from 'vitest';
import { MAX_DELEGATION_DEPTH } from './exec.ts';
import { call, errorOf, hostLocalOf } from './test-call.ts';

it('ends plugins that call themselves', () => {
  const answer = call({ plugin: 'ptp', config: { ipam: { type: 'ptp' } } });
  expect(errorOf(answer)).toBe('too many plugins call plugins: ptp');
  expect(MAX_DELEGATION_DEPTH).toBeGreaterThan(1);
});

it('hands on the error of the plugin that it called', () => {
  const answer = call({ plugin: 'ptp', config: { ipam: hostLocalOf('10.1.0.0/32') } });
  expect(answer.result).toEqual({
    code: 999,
    msg: 'invalid range set 0: Network 10.1.0.0/32 too small to allocate from',
  });
  expect(errorOf(call({ plugin: 'ptp', config: { ipam: { type: 'nobody' } } }))).toBe(
    'failed to find plugin "nobody" in path [/opt/cni/bin]',
  );
});
