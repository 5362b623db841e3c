import { expect, it } from 'vitest';
import { sandboxOf } from '../../objects/sandbox.ts';
import { podInterfaces } from './pod-interfaces.ts';
import { procDev, procInet6, procRoute, procTcp } from './proc-net.ts';

const view = podInterfaces(
  { namespace: 'd', name: 'web', uid: 'u', sandbox: sandboxOf('u'), addresses: ['10.244.1.2'], portMappings: [] },
  ['10.244.1.0/24'],
);

it('prints /proc/net/dev as the kernel does', () => {
  const received = { bytes: 2198, packets: 25 };
  expect(procDev(view, { eth0: { received, sent: { bytes: 516, packets: 6 } } })).toBe(
    `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0:    2198      25    0    0    0     0          0         0      516       6    0    0    0     0       0          0
`,
  );
});

it('prints /proc/net/route in the byte order of the machine', () => {
  const [head, ...routes] = procRoute(view).split('\n');
  expect(head!.length).toBe(127);
  expect(routes.map((line) => line.trimEnd())).toEqual([
    'eth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    '',
  ]);
});

it('prints /proc/net/if_inet6', () => {
  expect(procInet6(view).split('\n')[0]).toBe('00000000000000000000000000000001 01 80 10 80       lo');
});

it('prints sockets', () => {
  const listening = {
    local: { address: '0.0.0.0', port: 80 },
    remote: { address: '0.0.0.0', port: 0 },
    state: 'LISTEN' as const,
    uid: 0,
    inode: 12345,
  };
  const open = { ...listening, local: { address: '10.244.1.2', port: 80 }, state: 'ESTABLISHED' as const };
  const lines = procTcp([listening, open, { ...listening, local: { address: '::', port: 80 } }]).split('\n');
  expect(lines.map((line) => line.length)).toEqual([149, 149, 149, 0]);
  expect(lines[1]!.trimEnd()).toBe(
    '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0',
  );
  expect(lines[2]).toContain('   1: 0201F40A:0050 00000000:0000 01 ');
  const v6 = procTcp([{ ...listening, local: { address: '::1', port: 80 } }], 6).split('\n')[1]!;
  expect(v6).toContain('   0: 00000000000000000000000001000000:0050 ');
});
