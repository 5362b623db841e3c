import { expect, it } from 'vitest';
import { call, errorOf } from '../test-call.ts';
import { MAX_VLAN } from './bridge-config.ts';

const errorFor = (config: Record<string, unknown>): string | undefined => errorOf(call({ plugin: 'bridge', config }));

it('knows the numbers that VLANs have', () => {
  expect(errorFor({ vlan: MAX_VLAN })).toBeUndefined();
  expect(errorFor({ vlan: MAX_VLAN + 1 })).toBe(`invalid VLAN ID ${MAX_VLAN + 1} (must be between 0 and ${MAX_VLAN})`);
  expect(errorFor({ vlanTrunk: [{ id: MAX_VLAN }] })).toBeUndefined();
  expect(errorFor({ vlanTrunk: [{ id: MAX_VLAN + 1 }] })).toBe('incorrect trunk id parameter');
  expect(errorFor({ vlanTrunk: [{ minID: 9, maxID: 8 }] })).toBe('minID is greater than maxID in trunk parameter');
});
