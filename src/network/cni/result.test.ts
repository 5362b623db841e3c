import { expect, it } from 'vitest';
import { convertResult, printResult, readPrevResult, readResult } from './result.ts';

const PRESENT = {
  cniVersion: '1.1.0',
  interfaces: [{ mac: '02:00:00:00:00:01', name: 'eth0', sandbox: '/var/run/netns/a' }],
  ips: [
    { address: '10.22.0.2/24', gateway: '10.22.0.1', interface: 0 },
    { address: 'fd00::2/64', interface: 0 },
    { address: '10.23.0.2/24' },
  ],
  routes: [{ dst: '0.0.0.0/0', gw: '10.22.0.1' }, { dst: '::/0' }],
};

it('prints a result as it was read', () => {
  expect(printResult(readResult('1.1.0', PRESENT))).toEqual(PRESENT);
});

it('has versions of addresses in 0.3 and 0.4, and always dns', () => {
  expect(printResult(convertResult(readResult('1.1.0', PRESENT), '0.4.0'))).toEqual({
    ...PRESENT,
    cniVersion: '0.4.0',
    ips: [
      { version: '4', address: '10.22.0.2/24', gateway: '10.22.0.1', interface: 0 },
      { version: '6', address: 'fd00::2/64', interface: 0 },
      { version: '4', address: '10.23.0.2/24' },
    ],
    dns: {},
  });
});

it('has one address of each family in 0.2, with the routes of that', () => {
  const old = {
    cniVersion: '0.2.0',
    ip4: { ip: '10.22.0.2/24', gateway: '10.22.0.1', routes: [{ dst: '0.0.0.0/0', gw: '10.22.0.1' }] },
    ip6: { ip: 'fd00::2/64', routes: [{ dst: '::/0' }] },
    dns: {},
  };
  const converted = convertResult(readResult('1.1.0', PRESENT), '0.2.0');
  expect(printResult(converted)).toEqual(old);
  expect(printResult(convertResult(readResult('0.2.0', old), '0.3.1'))).toEqual({
    cniVersion: '0.3.1',
    ips: [
      { version: '4', address: '10.22.0.2/24', gateway: '10.22.0.1' },
      { version: '6', address: 'fd00::2/64' },
    ],
    routes: [{ dst: '0.0.0.0/0', gw: '10.22.0.1' }, { dst: '::/0' }],
    dns: {},
  });
});

it('refuses what has no form', () => {
  expect(() => convertResult(readResult('1.1.0', { cniVersion: '1.1.0' }), '0.2.0')).toThrow(
    'cannot convert: no valid IP addresses',
  );
  expect(() => readResult('9.9.9', {})).toThrow('unsupported CNI result version "9.9.9"');
  expect(() => readResult('1.0.0', { cniVersion: '0.4.0' })).toThrow(
    'result type supports [1.0.0 1.1.0] but unmarshalled CNIVersion is "0.4.0"',
  );
});

it('lends a previous result without a version that of the configuration', () => {
  expect(readPrevResult('0.4.0', { ips: [] }).cniVersion).toBe('0.4.0');
  expect(() => readPrevResult('0.4.0', { cniVersion: '' })).toThrow('could not parse prevResult');
});
