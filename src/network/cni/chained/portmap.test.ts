import { describe, expect, it } from 'vitest';
import { MAX_PORT } from '../kernel/iptables-rule.ts';
import { call, errorOf, NETNS, type TestCall } from '../test-call.ts';
import { MAX_MARK_BIT } from './portmap-config.ts';
import { MAX_IPTABLES_COMMENT, MULTIPORT_MAX } from './portmap-iptables.ts';

const prevResult = {
  cniVersion: '1.1.0',
  interfaces: [{ name: 'eth0', sandbox: NETNS }],
  ips: [{ address: '10.22.0.2/24', interface: 0 }],
};
const mapped = (config: Record<string, unknown>, ports: object[], more: Partial<TestCall> = {}) =>
  call({ plugin: 'portmap', config: { prevResult, runtimeConfig: { portMappings: ports }, ...config }, ...more });
const port = (hostPort: number) => ({ hostPort, containerPort: 80, protocol: 'tcp' });
const natOf = ({ state }: ReturnType<typeof call>) => state.network!.host.filter.iptables!.nat!;

it('marks with one of so many bits', () => {
  expect(errorOf(mapped({ markMasqBit: MAX_MARK_BIT }, [port(80)]))).toBeUndefined();
  expect(errorOf(mapped({ markMasqBit: MAX_MARK_BIT + 1 }, [port(80)]))).toContain(
    'MasqMarkBit must be between 0 and 31',
  );
});

describe('by iptables', () => {
  it('names so many ports in one rule', () => {
    const ports = (count: number) => Array.from({ length: count }, (_, i) => port(8000 + i));
    const entries = (count: number) => natOf(mapped({}, ports(count)))['CNI-HOSTPORT-DNAT']!.length;
    expect([entries(MULTIPORT_MAX), entries(MULTIPORT_MAX + 1)]).toEqual([1, 2]);
  });

  it('cuts a comment that is too long', () => {
    const about = (containerID: string) =>
      natOf(mapped({}, [port(80)], { containerID }))['CNI-HOSTPORT-DNAT']![0]!.replaceAll('\\"', '"');
    const longest = 'c'.repeat(MAX_IPTABLES_COMMENT - 'dnat name: "podnet" id: ""'.length);
    expect(about(longest)).toContain(`id: "${longest}"`);
    expect(about(`${longest}c`)).toContain('...');
  });
});

it('has host ports up to the last, by nftables too', () => {
  const of = (hostPort: number) => errorOf(mapped({ backend: 'nftables' }, [port(hostPort)]));
  expect(of(MAX_PORT)).toBeUndefined();
  expect(of(MAX_PORT + 1)).toContain('Service out of range');
});
