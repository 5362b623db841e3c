import { expect, it } from 'vitest';
import type { CNIAnswer } from '../call.ts';
import { call, errorOf, NETNS } from '../test-call.ts';

const withStatic = (plugin: string, ipam: object, more: object = {}): CNIAnswer =>
  call({ plugin, config: { ipam: { type: 'static', addresses: [{ address: '10.1.2.3/24' }], ...ipam }, ...more } });

it('finds the loopback of its own namespace, and only then says that it is its own', () => {
  const own = (command: string) => call({ plugin: 'loopback', command, netns: '/proc/1/ns/net', config: {} });
  expect(own('ADD').result).toMatch(/127\.0\.0\.1\/8[\s\S]*::1\/128[\s\S]*"code": 8/);
  expect(own('CHECK').exitCode).toBe(0);
});

it('says of the route that a pod does not have how the kernel knows it', () => {
  expect(errorOf(withStatic('ptp', { addresses: [{ address: '10.1.2.3/32' }] }))).toContain(
    'failed to delete route {Ifindex: 2 Dst: 10.1.2.3/32 Src: <nil> Gw: <nil> Flags: [] Table: 0 Realm: 0}: no such process',
  );
});

it('keeps nothing in the own table of the kernel', () => {
  const routes = (table: number) =>
    withStatic('bridge', { routes: [{ dst: '10.9.0.0/16', gw: '10.1.2.1', table }] }).state.network!.containers[NETNS]!
      .routes;
  expect(routes(255).map(({ dst }) => dst)).toEqual(['10.1.2.0/24']);
  expect(routes(100).map(({ dst }) => dst)).toEqual(['10.1.2.0/24', '10.9.0.0/16']);
});

it.each([
  ['02:11:22:33:44:AB', '02:11:22:33:44:ab'],
  ['02-11-22-33-44-ab', '02:11:22:33:44:ab'],
  ['0211.2233.44ab', '02:11:22:33:44:ab'],
  ['02:11-22:33:44:ab', undefined],
  ['0211.2233', undefined],
])('reads the hardware address %s', (mac, read) => {
  const answer = withStatic('bridge', {}, { runtimeConfig: { mac } });
  if (read === undefined) expect(errorOf(answer)).toContain(`address ${mac}: invalid MAC address`);
  else expect(answer.state.network!.containers[NETNS]!.links.at(-1)?.mac).toBe(read);
});

it('refuses routes as the library does before the kernel is asked', () => {
  const routes = [{ dst: 'fd01::/64', gw: '10.99.0.1' }];
  expect(errorOf(withStatic('bridge', { routes }))).toContain(
    'gateway, source, and destination ip are not the same IP family',
  );
  expect(errorOf(withStatic('bridge', { routes: [{ dst: '10.9.1.1/16' }] }))).toContain('invalid argument');
  expect(errorOf(withStatic('ptp', { routes: [{ dst: '0.0.0.0/0' }] }))).toBe(
    'failed to add route {Ifindex: 2 Dst: <nil> Src: 10.1.2.3 Gw: <nil> Flags: [] Table: 0 Realm: 0}: file exists',
  );
});

it('looks in CHECK and STATUS of a bridge at no more than the plugin does', () => {
  const of = (command: string, config: Record<string, unknown>) => errorOf(call({ plugin: 'bridge', command, config }));
  expect(of('CHECK', {})).toBe('Required prevResult missing');
  expect(of('STATUS', { vlan: 5000 })).toBeUndefined();
});
