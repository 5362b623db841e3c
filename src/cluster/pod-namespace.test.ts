import { expect, it } from 'vitest';
import { imageFor } from '../machine/images/image-for.ts';
import { containerOf, machineOf, NO_NETWORK, TEST_START } from '../machine/test-machine.ts';
import { CLUSTER, viewOfObjects } from '../network/world/test-cluster.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import { podNamespace } from './pod-namespace.ts';

const view = viewOfObjects(CLUSTER);
const node = view.get('nodes', undefined, 'node-0') as Node;
const client = view.get('pods', 'default', 'client') as Pod;

/** What a script prints in a pod, by its image. */
function printed(script: string, { image = 'busybox:1.36', pod = client } = {}): string {
  const network = { ...NO_NETWORK, namespace: () => podNamespace(view, pod, node, '172.18.0.1') };
  const machine = machineOf(imageFor(image), { network });
  machine.start(containerOf(['sh', '-c', script]));
  machine.advance(TEST_START + 5_000);
  return machine
    .log('c')
    .map(({ text }) => `${text}\n`)
    .join('');
}

it('shows a pod the devices and routes that CNI has made', () => {
  expect(printed('ip -4 addr show eth0')).toMatch(
    /^2: eth0@if\d+: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue qlen 1000\n {4}inet 10\.244\.0\.20\/24 brd 10\.244\.0\.255 scope global eth0\n/,
  );
  expect(printed('ip route')).toBe(
    'default via 10.244.0.1 dev eth0 \n10.244.0.0/24 dev eth0 scope link  src 10.244.0.20 \n',
  );
  expect(printed('ip -o addr', { image: 'debian:12' })).toContain('sh: 1: ip: not found');
  expect(printed('ip route get 10.96.0.10')).toBe('10.96.0.10 via 10.244.0.1 dev eth0  src 10.244.0.20 \n');
  expect(printed('ip link show eth9; echo $?')).toBe("ip: can't find device 'eth9'\n1\n");
  expect(printed('ip link set eth0 down; echo $?')).toBe('ip: RTNETLINK answers: Operation not permitted\n2\n');
});

it('has the same in /proc and in what reads that', () => {
  expect(printed('route -n')).toBe(
    'Kernel IP routing table\n' +
      'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n' +
      '0.0.0.0         10.244.0.1      0.0.0.0         UG    0      0        0 eth0\n' +
      '10.244.0.0      0.0.0.0         255.255.255.0   U     0      0        0 eth0\n',
  );
  expect(printed('grep -c eth0 /proc/net/dev; ls /proc/net')).toBe(
    '1\narp\ndev\nif_inet6\nroute\ntcp\ntcp6\nudp\nudp6\n',
  );
  expect(printed('arp')).toMatch(/^\? \(10\.244\.0\.1\) at [0-9a-f:]{17} \[ether\] {2}on eth0\n$/);
  const [text] = printed('ifconfig eth0').match(/inet addr:.*/) ?? [];
  expect(text).toBe('inet addr:10.244.0.20  Bcast:10.244.0.255  Mask:255.255.255.0');
});

it('tells of sockets as long as they are open', () => {
  const script = 'httpd -p 8080; wget -qO- http://127.0.0.1:8080/ 2>/dev/null; netstat -tln; netstat -tn';
  expect(printed(script)).toBe(
    'Active Internet connections (only servers)\n' +
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n' +
      'tcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN      \n' +
      'Active Internet connections (w/o servers)\n' +
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n',
  );
  expect(
    printed('nc -lk -p 7 -e cat & sleep 1; nc 127.0.0.1 7 <&- & sleep 1; netstat -tn | grep -c ESTABLISHED'),
  ).not.toBe('0\n');
});

it("shows a pod on its host's network what the node has", () => {
  const host: Pod = { ...client, spec: { ...client.spec, hostNetwork: true } };
  expect(printed('ip route', { pod: host })).toContain('10.244.1.0/24 via 172.18.0.3 dev eth0');
  expect(printed('ip -4 addr show eth0', { pod: host })).toContain('inet 172.18.0.2/16');
});
