import { describe, expect, it } from 'vitest';
import { sandboxOf } from '../../objects/sandbox.ts';
import type { AttachedPod } from '../attachment/attached-pod.ts';
import { readIP } from '../ip-addresses.ts';
import { allAddresses } from './host-name-text.ts';
import { bridgeForwarding, ipNeighbour, ipRoute, ipRouteGet } from './ip-route-text.ts';
import { type NodeNetwork, nodeInterfaces } from './node-interfaces.ts';
import { podInterfaces } from './pod-interfaces.ts';
import { procArp } from './proc-net.ts';

const pod = (name: string, ...addresses: string[]): AttachedPod => ({
  namespace: 'default',
  name,
  uid: name,
  sandbox: sandboxOf(name),
  addresses,
  portMappings: [],
});
const node = (number: number, ...podCIDRs: string[]): NodeNetwork => ({
  addresses: [`172.18.0.${number + 1}/16`],
  router: '172.18.0.1',
  podCIDRs,
});
const first = node(1, '10.244.0.0/24');
const second = node(2, '10.244.1.0/24');
const web = pod('web', '10.244.0.7');

describe('a node', () => {
  const view = nodeInterfaces(first, [web, pod('early', '10.244.0.2')], [second]);

  it('has a card, a bridge, and a port for each pod, in the order of their addresses', () => {
    const shown = view.interfaces.map(({ index, name, master, peer }) => [
      index,
      name.slice(0, 4),
      master,
      peer?.index,
    ]);
    expect(shown).toEqual([
      [1, 'lo', undefined, undefined],
      [2, 'eth0', undefined, undefined],
      [3, 'cni0', undefined, undefined],
      [4, 'veth', 'cni0', 2],
      [9, 'veth', 'cni0', 2],
    ]);
  });

  it('sends what is for pods of other nodes to those nodes', () => {
    expect(ipRoute(view)).toBe(
      'default via 172.18.0.1 dev eth0 \n' +
        '10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.1 \n' +
        '10.244.1.0/24 via 172.18.0.3 dev eth0 \n' +
        '172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.2 \n',
    );
    const to = (address: string) => ipRouteGet(view, readIP(address)!)!.split('\n')[0];
    expect(to('10.244.1.9')).toBe('10.244.1.9 via 172.18.0.3 dev eth0 src 172.18.0.2 uid 0 ');
    expect(to('10.244.0.7')).toBe('10.244.0.7 dev cni0 src 10.244.0.1 uid 0 ');
    expect(to('172.18.0.2')).toBe('local 172.18.0.2 dev lo src 172.18.0.2 uid 0 ');
    expect(ipRouteGet({ ...view, routes: [] }, readIP('1.1.1.1')!)).toBeUndefined();
  });

  it('knows its pods, its router and the other nodes', () => {
    const macs = (lines: string) => lines.replace(/lladdr \S+/g, 'lladdr X');
    expect(macs(ipNeighbour(view))).toBe(
      '172.18.0.1 dev eth0 lladdr X REACHABLE \n172.18.0.3 dev eth0 lladdr X REACHABLE \n' +
        '10.244.0.2 dev cni0 lladdr X STALE \n10.244.0.7 dev cni0 lladdr X STALE \n',
    );
  });

  it('has the hardware address of each pod behind its port', () => {
    const inside = podInterfaces(web, first.podCIDRs).interfaces.find(({ name }) => name === 'eth0')!;
    const port = view.interfaces.find(({ index }) => index === inside.peer!.index)!;
    expect(bridgeForwarding(view)).toContain(`${inside.mac} dev ${port.name} master cni0 \n`);
    expect(ipNeighbour(view)).toContain(`10.244.0.7 dev cni0 lladdr ${inside.mac} STALE`);
  });

  it('has no bridge before its first pod', () => {
    expect(nodeInterfaces(first, [], [second]).interfaces.map(({ name }) => name)).toEqual(['lo', 'eth0']);
  });
});

describe('a pod', () => {
  it('reaches everything by the bridge, whose hardware address it knows', () => {
    const view = podInterfaces(web, first.podCIDRs);
    const bridge = nodeInterfaces(first, [web], []).interfaces.find(({ name }) => name === 'cni0')!;
    expect(ipRoute(view)).toBe(
      'default via 10.244.0.1 dev eth0 \n10.244.0.0/24 dev eth0 proto kernel scope link src 10.244.0.7 \n',
    );
    expect(procArp(view)).toBe(
      'IP address       HW type     Flags       HW address            Mask     Device\n' +
        `10.244.0.1       0x1         0x2         ${bridge.mac}     *        eth0\n`,
    );
  });

  it('has an address of each family', () => {
    const cidrs = ['10.244.0.0/24', 'fd00::/64'];
    const view = podInterfaces(pod('both', '10.244.0.7', 'fd00::7'), cidrs);
    expect(allAddresses(view)).toBe('10.244.0.7 fd00::7 \n');
    expect(ipRoute(view, 6)).toBe(
      'fd00::/64 dev eth0 proto kernel metric 256 pref medium\n' +
        'fe80::/64 dev eth0 proto kernel metric 256 pref medium\n' +
        'default via fd00::1 dev eth0 metric 1024 pref medium\n',
    );
  });
});
