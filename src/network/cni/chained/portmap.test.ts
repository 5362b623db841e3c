import { describe, expect, it } from 'vitest';
import { MAX_PORT } from '../../packet/packet.ts';
import { call, errorOf, NETNS, type TestCall } from '../test-call.ts';
import { MAX_MARK_BIT } from './portmap-config.ts';
import { MAX_IPTABLES_COMMENT, MULTIPORT_MAX } from './portmap-iptables.ts';
import { MAX_NFT_COMMENT } from './portmap-nftables.ts';

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

describe('by nftables', () => {
  const nftables = (config: object, more: Partial<TestCall> = {}) =>
    mapped({ backend: 'nftables', ...config }, [port(80)], more);

  it('has a comment of so many characters', () => {
    const of = (length: number) => errorOf(nftables({}, { containerID: 'c'.repeat(length) }));
    expect(of(MAX_NFT_COMMENT)).toBeUndefined();
    expect(of(MAX_NFT_COMMENT + 1)).toContain('comment too long, 128 characters maximum allowed');
  });

  it('prints conditions as nft does, and changes nothing where it refuses them', () => {
    const { state } = nftables({ conditionsV4: ['meta', 'iifname', '!=', 'eth0', 'ip', 'daddr', '10.0.0.7/8'] });
    expect(state.network!.host.filter.nftables).toContain(
      '\t\tiifname != "eth0" ip daddr 10.0.0.0/8 fib daddr type local jump hostports_all',
    );
    const refused = nftables({ conditionsV4: ['nonsense'] });
    expect(errorOf(refused)).toContain('Error: syntax error, unexpected string\nadd rule ip cni_hostport prerouting');
    expect(refused.state.network?.host.filter.nftables).toBeUndefined();
  });
});
