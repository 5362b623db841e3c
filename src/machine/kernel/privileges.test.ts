import { expect, it } from 'vitest';
import { appletsOf } from '../programs/applets.ts';
import { networkProgramsOf } from '../programs/network-applets.ts';
import { ash } from '../shell/main.ts';
import { containerOf, imageOf, machineOf } from '../test-machine.ts';
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, maskOf } from './capabilities.ts';

const id = appletsOf('busybox').get('id')!;
const IMAGE = imageOf({
  ...Object.fromEntries(
    [...appletsOf('busybox'), ...networkProgramsOf('busybox')].map(([name, program]) => [`/bin/${name}`, { program }]),
  ),
  '/bin/sh': { program: ash },
  '/as-root': { program: id, mode: 0o4755 },
});

const PLAIN = { uid: 1000, gid: 1000, groups: [] };

const logOf = (script: string, more: Parameters<typeof containerOf>[1] = {}): string[] => {
  const machine = machineOf(IMAGE, { sysctls: { 'kernel.msgmax': '9000' } });
  machine.start(containerOf(['sh', '-c', script], more));
  return machine.log('c').map(({ text }) => text);
};

it('runs a program as its owner where its bits say so and the container lets it', () => {
  expect(logOf('/as-root -u; id -u', { user: PLAIN })).toEqual(['0', '1000']);
  expect(logOf('/as-root -u', { user: PLAIN, noNewPrivileges: true })).toEqual(['1000']);
});

it('changes nothing of the network without the capability', () => {
  expect(logOf('ip route del default')).toEqual(['ip: RTNETLINK answers: Operation not permitted']);
  expect(logOf('ip route del default', { capabilities: ['NET_ADMIN'] })).toEqual([
    'ip: RTNETLINK answers: Operation not supported',
  ]);
  expect(logOf('ip route del default', { capabilities: ['NET_ADMIN'], user: PLAIN })).toEqual([
    'ip: RTNETLINK answers: Operation not permitted',
  ]);
});

it('tells capabilities as the kernel does', () => {
  expect(maskOf(DEFAULT_CAPABILITIES)).toBe('00000000a80425fb');
  expect(maskOf(ALL_CAPABILITIES)).toBe('000001ffffffffff');
  expect(logOf('grep -E "CapEff|NoNew" /proc/self/status', { capabilities: ['CHOWN'], noNewPrivileges: true })).toEqual(
    ['CapEff:\t0000000000000001', 'NoNewPrivs:\t1'],
  );
});

it('tells the settings of the kernel, and those that the pod has made', () => {
  expect(
    logOf('sysctl kernel.msgmax net/core/somaxconn; sysctl -n kernel.ostype; cat /proc/sys/kernel/msgmax'),
  ).toEqual(['kernel.msgmax = 9000', 'net.core.somaxconn = 4096', 'Linux', '9000']);
  expect(logOf('sysctl kernel.nothing; echo $?')).toEqual(["sysctl: error: 'kernel.nothing' is an unknown key", '1']);
});
