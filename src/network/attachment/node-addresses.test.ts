import { describe, expect, it } from 'vitest';
import { addNetwork, deleteNetwork, type NetworkState, nodePodCIDR } from './node-addresses.ts';

describe('pod addresses', () => {
  it('cuts the pod network into a prefix for each node', () => {
    expect(nodePodCIDR('10.244.0.0/16', 0)).toBe('10.244.0.0/24');
    expect(nodePodCIDR('10.244.0.0/16', 255)).toBe('10.244.255.0/24');
    expect(nodePodCIDR('10.244.0.0/16', 256)).toBeUndefined();
    expect(nodePodCIDR('10.244.0.0/16', 499, 500)).toBe('10.244.249.128/25');
    expect(nodePodCIDR('fd00::/56', 1)).toBe('fd00:0:0:1::/64');
  });

  it('gives the first address to the gateway and the next ones to pods', () => {
    expect(addNetwork({ podCIDR: '10.244.1.0/24', reserved: [] })).toEqual({
      address: '10.244.1.2',
      gateway: '10.244.1.1',
      cidr: '10.244.1.2/24',
    });
  });

  it('goes round: a released address is not given out again before the others', () => {
    let state: NetworkState = { podCIDR: '10.0.0.0/29', reserved: [] };
    const add = (): string | undefined => {
      const made = addNetwork(state);
      if (made) state = { ...state, reserved: [...state.reserved, made.address], lastReserved: made.address };
      return made?.address;
    };
    expect([add(), add()]).toEqual(['10.0.0.2', '10.0.0.3']);
    state = deleteNetwork(state, '10.0.0.2');
    expect([add(), add(), add(), add()]).toEqual(['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.2']);
    expect(add()).toBeUndefined();
  });
});
