import { expect, it } from 'vitest';
import type { Link } from '../cni/machine.ts';
import { ipAddress, ipBriefAddress, ipBriefLink, ipLink } from './ip-address-text.ts';
import { interfaceOf, type NamespaceView } from './namespace-view.ts';

const LO: Link = {
  name: 'lo',
  type: 'loopback',
  mtu: 65536,
  mac: '00:00:00:00:00:00',
  up: true,
  addresses: [{ address: '127.0.0.1/8' }, { address: '::1/128' }],
};
const ETH0: Link = {
  name: 'eth0',
  type: 'veth',
  mtu: 1500,
  mac: '62:ca:5a:e5:24:1f',
  up: true,
  addresses: [{ address: '10.244.1.2/24', broadcast: '10.244.1.255' }],
};
const view: NamespaceView = {
  interfaces: [interfaceOf(LO, 1), interfaceOf(ETH0, 2, { index: 14, netns: 'cni-1' })],
  routes: [],
  neighbours: [],
  forwarding: [],
};

/** As iproute2 6.1.0 printed them. */
it('prints addresses', () => {
  expect(
    ipAddress(view),
  ).toBe(`1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host${' '}
       valid_lft forever preferred_lft forever
2: eth0@if14: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 62:ca:5a:e5:24:1f brd ff:ff:ff:ff:ff:ff link-netns cni-1
    inet 10.244.1.2/24 brd 10.244.1.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet6 fe80::60ca:5aff:fee5:241f/64 scope link${' '}
       valid_lft forever preferred_lft forever
`);
  expect(ipBriefAddress(view)).toBe(
    'lo               UNKNOWN        127.0.0.1/8 ::1/128 \n' +
      'eth0@if14        UP             10.244.1.2/24 fe80::60ca:5aff:fee5:241f/64 \n',
  );
});

it('prints links', () => {
  expect(ipLink(view, { device: 'eth0' })).toBe(
    '2: eth0@if14: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n' +
      '    link/ether 62:ca:5a:e5:24:1f brd ff:ff:ff:ff:ff:ff link-netns cni-1\n',
  );
  expect(ipBriefLink(view, { device: 'eth0' })).toBe(
    'eth0@if14        UP             62:ca:5a:e5:24:1f <BROADCAST,MULTICAST,UP,LOWER_UP> \n',
  );
});

it('prints those of one family', () => {
  expect(ipAddress(view, { family: 4, device: 'eth0' })).toBe(
    '2: eth0@if14: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000 link-netns cni-1\n' +
      '    inet 10.244.1.2/24 brd 10.244.1.255 scope global eth0\n' +
      '       valid_lft forever preferred_lft forever\n',
  );
});

it('prints as busybox does', () => {
  expect(ipAddress(view, { dialect: 'busybox', device: 'eth0' })).toBe(
    '2: eth0@if14: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue qlen 1000\n' +
      '    link/ether 62:ca:5a:e5:24:1f brd ff:ff:ff:ff:ff:ff\n' +
      '    inet 10.244.1.2/24 brd 10.244.1.255 scope global eth0\n' +
      '       valid_lft forever preferred_lft forever\n' +
      '    inet6 fe80::60ca:5aff:fee5:241f/64 scope link \n' +
      '       valid_lft forever preferred_lft forever\n',
  );
});

it('has no address of its own on a device that is down', () => {
  const down = { ...view, interfaces: [interfaceOf({ ...ETH0, up: false }, 2)] };
  expect(ipAddress(down)).toContain('<BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN');
  expect(ipAddress(down)).not.toContain('fe80');
});
