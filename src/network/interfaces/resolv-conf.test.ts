import { expect, it } from 'vitest';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { nodeResolver, podResolver, resolvConf } from './resolv-conf.ts';

const NODE = { ...nodeResolver('172.18.0.1'), searches: ['example.com'] };
const text = (spec: object): string => {
  const pod = { metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [], ...spec } } as unknown as Pod;
  return resolvConf(podResolver(pod, '10.96.0.10', NODE));
};

const CLUSTER = `search shop.svc.cluster.local svc.cluster.local cluster.local example.com
nameserver 10.96.0.10
options ndots:5
`;
const OF_NODE = 'search example.com\nnameserver 172.18.0.1\n';

it.each([
  ['asks the cluster first', {}, CLUSTER],
  ['asks the node on its network', { hostNetwork: true }, OF_NODE],
  ['asks the cluster there too, when told', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, CLUSTER],
  ['asks as the node does, when told', { dnsPolicy: 'Default' }, OF_NODE],
  [
    'asks only whom it is told',
    { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a.b'], options: [{ name: 'edns0' }] } },
    'search a.b\nnameserver 1.1.1.1\noptions edns0\n',
  ],
  [
    'adds what it is told',
    {
      dnsConfig: {
        nameservers: ['1.1.1.1'],
        searches: ['a.b', 'cluster.local'],
        options: [{ name: 'ndots', value: '2' }],
      },
    },
    `search shop.svc.cluster.local svc.cluster.local cluster.local example.com a.b
nameserver 10.96.0.10
nameserver 1.1.1.1
options ndots:2
`,
  ],
])('%s', (_, spec, expected) => {
  expect(text(spec)).toBe(expected);
});
