import { expect, it } from 'vitest';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { hostnameAddresses } from './host-name-text.ts';
import { hostNameOf, hostsFile, MAX_HOST_NAME, nodeHosts } from './hosts-file.ts';

const NODE = { name: 'node-1', hosts: nodeHosts('node-1', '172.18.0.2') };
const pod = (spec: object, name = 'web'): Pod =>
  ({ metadata: { name, namespace: 'shop' }, spec: { containers: [], ...spec } }) as unknown as Pod;

const MANAGED = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

it('names the pod by each of its addresses', () => {
  const text = hostsFile(pod({}), ['10.244.1.2', 'fd00::2'], NODE);
  expect(text).toBe(`${MANAGED}10.244.1.2\tweb\nfd00::2\tweb\n`);
  expect(hostnameAddresses(text, 'web')).toBe('10.244.1.2 fd00::2\n');
});

it('has a domain where there is a subdomain', () => {
  const named = pod({ hostname: 'one', subdomain: 'pair' });
  expect(hostsFile(named, ['10.244.1.2'], NODE)).toBe(`${MANAGED}10.244.1.2\tone.pair.shop.svc.cluster.local\tone\n`);
  named.spec.setHostnameAsFQDN = true;
  expect(hostNameOf(named, 'node-1').name).toBe('one.pair.shop.svc.cluster.local');
  expect(hostsFile(named, ['10.244.1.2'], NODE)).toContain('\tone.pair.shop.svc.cluster.local\tone\n');
});

it('adds aliases below a line of its own', () => {
  const hostAliases = [{ ip: '10.1.2.3', hostnames: ['foo', 'bar.example'] }, { ip: '10.1.2.4' }];
  expect(hostsFile(pod({ hostAliases }), ['10.244.1.2'], NODE)).toBe(
    `${MANAGED}10.244.1.2\tweb\n\n# Entries added by HostAliases.\n10.1.2.3\tfoo\tbar.example\n10.1.2.4\t\n`,
  );
});

it('is the file of the node for a pod on its network', () => {
  const text = hostsFile(pod({ hostNetwork: true }), ['172.18.0.2'], NODE);
  expect(text.startsWith('# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n')).toBe(true);
  expect(text).toContain('172.18.0.2\tnode-1\n');
});

it('cuts a name that no host can have', () => {
  const name = (length: number) => hostNameOf(pod({}, 'x'.repeat(length)), 'n').name.length;
  expect([MAX_HOST_NAME, MAX_HOST_NAME + 1].map(name)).toEqual([MAX_HOST_NAME, MAX_HOST_NAME]);
  // What is left must not end in a dash.
  expect(hostNameOf(pod({}, `${'x'.repeat(MAX_HOST_NAME - 1)}-y`), 'n').name).toBe('x'.repeat(MAX_HOST_NAME - 1));
});
