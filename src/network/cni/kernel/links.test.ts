import { describe, expect, it } from 'vitest';
import type { MachineState } from '../machine.ts';
import { call, errorOf, hostLocalOf, NETNS } from '../test-call.ts';
import { MAX_LINK_NAME, MAX_MTU, MIN_MTU } from './links.ts';

const ipam = hostLocalOf('10.22.0.0/24');
const bridgeOf = (state: MachineState) => state.network!.host.links.find(({ name }) => name === 'cni0')!;
const portOf = (state: MachineState) => state.network!.host.links.find(({ type }) => type === 'veth')!;

it('has devices of so many bytes', () => {
  const mtus = [MIN_MTU - 1, MIN_MTU, MAX_MTU, MAX_MTU + 1];
  expect(mtus.map((mtu) => errorOf(call({ plugin: 'bridge', config: { mtu, ipam } })))).toEqual([
    'failed to create bridge "cni0": could not add "cni0": invalid argument',
    undefined,
    undefined,
    'failed to create bridge "cni0": could not add "cni0": invalid argument',
  ]);
});

it('has names of so many bytes', () => {
  const of = (bridge: string) => errorOf(call({ plugin: 'bridge', config: { bridge, ipam } }));
  const name = 'b'.repeat(MAX_LINK_NAME);
  expect(of(name)).toBeUndefined();
  expect(of(`${name}b`)).toBe(
    `failed to create bridge "${name}b": could not add "${name}b": numerical result out of range`,
  );
  expect(of('')).toBe('failed to create bridge "": could not add "": LinkAttrs.Name cannot be empty');
  expect(of('a/b')).toBe('failed to create bridge "a/b": could not add "a/b": invalid argument');
});

it('leaves an MTU below nothing to the kernel', () => {
  const { state } = call({ plugin: 'bridge', config: { mtu: -1, ipam } });
  expect(portOf(state).mtu).toBe(1500);
});

describe('the hardware address of a bridge', () => {
  it('is that of its port, and none without one', () => {
    const { state } = call({ plugin: 'bridge', config: { ipam } });
    expect(bridgeOf(state).mac).toBe(portOf(state).mac);
    const after = call({ plugin: 'bridge', command: 'DEL', config: { ipam }, state });
    expect(bridgeOf(after.state).mac).toBe('00:00:00:00:00:00');
  });

  it('is its own once it has an address', () => {
    const config = { ipam, isGateway: true };
    const { state } = call({ plugin: 'bridge', config });
    const { mac } = bridgeOf(state);
    expect(mac).not.toBe(portOf(state).mac);
    const after = call({ plugin: 'bridge', command: 'DEL', config, state });
    expect(bridgeOf(after.state).mac).toBe(mac);
  });
});

it('gives no name and no address twice', () => {
  const config = { ipam: { type: 'static', addresses: [{ address: '10.22.0.5/24' }] } };
  const first = call({ plugin: 'bridge', config });
  const gone = call({ plugin: 'bridge', command: 'DEL', config, state: first.state });
  const second = call({ plugin: 'bridge', config, state: gone.state });
  const named = ({ state }: typeof first) => [portOf(state).name, portOf(state).mac];
  expect(new Set([...named(first), ...named(second)]).size).toBe(4);
});

it('deletes both ends of a pair, with the routes over them', () => {
  const config = { ipam, isGateway: true, mtu: 1400 };
  const { state } = call({ plugin: 'bridge', config });
  expect([bridgeOf(state).mtu, state.network!.containers[NETNS]!.routes]).toEqual([
    1400,
    [{ dst: '10.22.0.0/24', dev: 'eth0', protocol: 'kernel', scope: 'link', prefsrc: '10.22.0.2' }],
  ]);
  const { network } = call({ plugin: 'bridge', command: 'DEL', config, state }).state;
  expect(network!.containers[NETNS]!.routes).toEqual([]);
  expect(network!.host.links.map(({ name, mtu }) => [name, mtu])).toEqual([['cni0', 1500]]);
});
