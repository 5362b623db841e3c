import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { service, slices, viewOfObjects } from '../world/test-cluster.ts';
import { MAX_ALIASES } from './cluster-zone.ts';
import { CorefileError, defaultCorefile, parseCorefile } from './corefile.ts';
import { type DnsAnswer, MAX_DOMAIN, MAX_LABEL, noAnswer } from './message.ts';
import { answer, type DnsServer } from './server.ts';

const external = (name: string, externalName: string) => ({
  metadata: { namespace: 'default', name },
  spec: { type: 'ExternalName', externalName },
});

const hosted = slices('hosts', [
  [0, 10],
  [1, 10],
]).map((slice: LooseObject) => ({
  ...slice,
  endpoints: slice.endpoints.map((endpoint: object, i: number) => ({
    ...endpoint,
    hostname: `db-${i}`,
    conditions: { ready: i === 0 },
  })),
}));

const chain = Array.from({ length: MAX_ALIASES + 2 }, (_, i) =>
  external(`alias-${i}`, `alias-${i + 1}.default.svc.cluster.local`),
);

const view = viewOfObjects({
  namespaces: [{ metadata: { name: 'default' } }, { metadata: { name: 'kube-system' } }],
  services: [
    service('web', 10),
    service('idle', 11),
    service('headless', 0, { clusterIP: 'None', clusterIPs: ['None'] }),
    service('hosts', 0, { clusterIP: 'None', clusterIPs: ['None'] }),
    service('empty', 0, { clusterIP: 'None', clusterIPs: ['None'] }),
    external('outside', 'example.org'),
    external('inside', 'web.default.svc.cluster.local'),
    external('circle-a', 'circle-b.default.svc.cluster.local'),
    external('circle-b', 'circle-a.default.svc.cluster.local'),
    ...chain,
    external(`alias-${MAX_ALIASES + 2}`, 'web.default.svc.cluster.local'),
    { ...(service('kube-dns', 99) as object), metadata: { namespace: 'kube-system', name: 'kube-dns' } },
  ],
  pods: [{ metadata: { namespace: 'default', name: 'p' }, status: { podIPs: [{ ip: '10.244.0.10' }] } }],
  'endpointslices.discovery.k8s.io': [
    ...slices('web', [[0, 10]]),
    ...slices('headless', [
      [0, 10],
      [1, 10],
    ]),
    ...hosted,
  ],
});

const upstream = ({ name, type }: { name: string; type: string }): DnsAnswer =>
  name === 'example.org.' && type === 'A'
    ? { ...noAnswer('NOERROR'), answers: [{ name, type: 'A', ttl: 60, data: '192.0.2.1' }] }
    : noAnswer('NXDOMAIN');

const server = (corefile: string): DnsServer => ({
  blocks: parseCorefile(corefile),
  view,
  serial: 1_700_000_000,
  upstream,
});
const usual = server(defaultCorefile('cluster.local'));

/** `CODE`, and each record as `TYPE DATA`. */
const ask = (name: string, type = 'A', of = usual): string[] => {
  const { code, answers } = answer(of, { name, type });
  return [code, ...answers.map((record) => `${record.type} ${record.data}`)];
};

const ZONE = 'svc.cluster.local';

describe('the DNS of a cluster', () => {
  it('answers for a Service, in each family', () => {
    expect(ask(`web.default.${ZONE}`)).toEqual(['NOERROR', 'A 10.96.0.10']);
    expect(ask(`WEB.default.${ZONE}.`, 'AAAA')).toEqual(['NOERROR', 'AAAA fd00:10:96::10']);
    expect(ask(`idle.default.${ZONE}`)).toEqual(['NOERROR', 'A 10.96.0.11']);
    expect(answer(usual, { name: `web.default.${ZONE}`, type: 'A' }).answers[0]!.ttl).toBe(30);
  });

  it('tells a name without such records from one that is not there', () => {
    const soa = 'ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 30';
    for (const [name, type, code] of [
      [`web.default.${ZONE}`, 'MX', 'NOERROR'],
      [`default.${ZONE}`, 'A', 'NOERROR'],
      ['cluster.local', 'A', 'NOERROR'],
      [`none.default.${ZONE}`, 'A', 'NXDOMAIN'],
      [`web.nowhere.${ZONE}`, 'A', 'NXDOMAIN'],
      [`empty.default.${ZONE}`, 'A', 'NXDOMAIN'],
      [ZONE, 'A', 'NXDOMAIN'],
      ['web.default.cluster.local', 'A', 'NXDOMAIN'],
    ] as const) {
      const { authority, ...rest } = answer(usual, { name, type });
      expect([name, rest.code, rest.answers]).toEqual([name, code, []]);
      expect(authority).toEqual([{ name: 'cluster.local.', type: 'SOA', ttl: 30, data: soa }]);
    }
  });

  it('answers with all ready endpoints of a headless Service, and for each by its own name', () => {
    expect(ask(`headless.default.${ZONE}`)).toEqual(['NOERROR', 'A 10.244.0.10', 'A 10.244.1.10']);
    expect(ask(`10-244-1-10.headless.default.${ZONE}`)).toEqual(['NOERROR', 'A 10.244.1.10']);
    expect(ask(`fd00-10-244-1--10.headless.default.${ZONE}`, 'AAAA')).toEqual(['NOERROR', 'AAAA fd00:10:244:1::10']);
    expect(ask(`hosts.default.${ZONE}`)).toEqual(['NOERROR', 'A 10.244.0.10']);
    expect(ask(`db-0.hosts.default.${ZONE}`)).toEqual(['NOERROR', 'A 10.244.0.10']);
    expect(ask(`db-1.hosts.default.${ZONE}`)).toEqual(['NXDOMAIN']);
  });

  it('answers for named ports with their number, their name and an address', () => {
    expect(ask(`_http._tcp.web.default.${ZONE}`, 'SRV')).toEqual(['NOERROR', `SRV 0 50 80 web.default.${ZONE}.`]);
    expect(ask(`_http._udp.web.default.${ZONE}`, 'SRV')).toEqual(['NXDOMAIN']);
    expect(ask(`_nope._tcp.web.default.${ZONE}`, 'SRV')).toEqual(['NXDOMAIN']);
    const { answers, additional } = answer(usual, { name: `_http._tcp.headless.default.${ZONE}`, type: 'SRV' });
    expect(answers.map(({ data }) => data).slice(0, 2)).toEqual([
      `0 25 8080 10-244-0-10.headless.default.${ZONE}.`,
      `0 25 8080 10-244-1-10.headless.default.${ZONE}.`,
    ]);
    expect(additional[0]).toEqual({
      name: `10-244-0-10.headless.default.${ZONE}.`,
      type: 'A',
      ttl: 30,
      data: '10.244.0.10',
    });
  });

  it('leads to another name, and to what that has', () => {
    expect(ask(`outside.default.${ZONE}`)).toEqual(['NOERROR', 'CNAME example.org.', 'A 192.0.2.1']);
    expect(ask(`outside.default.${ZONE}`, 'AAAA')).toEqual(['NOERROR', 'CNAME example.org.']);
    expect(ask(`inside.default.${ZONE}`)).toEqual(['NOERROR', `CNAME web.default.${ZONE}.`, 'A 10.96.0.10']);
    expect(ask(`outside.default.${ZONE}`, 'SRV')).toEqual(['NOERROR']);
  });

  it('gives up names that lead in circles, or too far', () => {
    expect(ask(`circle-a.default.${ZONE}`)).toEqual(['NOERROR']);
    expect(ask(`alias-3.default.${ZONE}`)).toHaveLength(1 + MAX_ALIASES + 1);
    expect(ask(`alias-2.default.${ZONE}`)).toEqual(['NOERROR']);
  });

  it('answers for the addresses of pods, in a namespace that there is', () => {
    expect(ask('10-9-8-7.default.pod.cluster.local')).toEqual(['NOERROR', 'A 10.9.8.7']);
    expect(ask('10-9-8-7.default.pod.cluster.local', 'AAAA')).toEqual(['NOERROR']);
    expect(ask('10-9-8-7.nowhere.pod.cluster.local')).toEqual(['NXDOMAIN']);
    expect(ask('web.default.pod.cluster.local')).toEqual(['NXDOMAIN']);
    const verified = server(defaultCorefile('cluster.local').replace('insecure', 'verified'));
    expect(ask('10-9-8-7.default.pod.cluster.local', 'A', verified)).toEqual(['NXDOMAIN']);
    expect(ask('10-244-0-10.default.pod.cluster.local', 'A', verified)).toEqual(['NOERROR', 'A 10.244.0.10']);
  });

  it('tells whose an address is', () => {
    expect(ask('10.0.96.10.in-addr.arpa', 'PTR')).toEqual(['NOERROR', `PTR web.default.${ZONE}.`]);
    expect(ask('10.1.244.10.in-addr.arpa', 'PTR')).toEqual(['NOERROR', `PTR 10-244-1-10.headless.default.${ZONE}.`]);
    const v6 = [...'fd000010009600000000000000000010'].reverse().join('.');
    expect(ask(`${v6}.ip6.arpa`, 'PTR')).toEqual(['NOERROR', `PTR web.default.${ZONE}.`]);
    expect(ask('1.2.3.4.in-addr.arpa', 'PTR')).toEqual(['NXDOMAIN']);
  });

  it('knows itself', () => {
    expect(ask('ns.dns.cluster.local')).toEqual(['NOERROR', 'A 10.96.0.99']);
    expect(ask('cluster.local', 'NS')).toEqual(['NOERROR', `NS kube-dns.kube-system.${ZONE}.`]);
    expect(ask('cluster.local', 'SOA')[1]).toMatch(/^SOA ns\.dns\.cluster\.local\. /);
    expect(ask('dns-version.cluster.local', 'TXT')).toEqual(['NOERROR', 'TXT "1.1.0"']);
  });

  it('asks others for the rest, where there are others', () => {
    expect(ask('example.org')).toEqual(['NOERROR', 'A 192.0.2.1']);
    expect(ask('example.org', 'A', { blocks: usual.blocks, view, serial: 1 })).toEqual(['SERVFAIL']);
    expect(ask('example.org', 'A', server('cluster.local {\n kubernetes\n}'))).toEqual(['REFUSED']);
  });

  it('respects hosts, rewritten names and stub domains', () => {
    const custom = server(
      'corp.example:53 {\n  forward . 10.0.0.53\n}\n' +
        '.:53 {\n  rewrite name exact shop.example web.default.svc.cluster.local\n  rewrite name suffix .test .default.svc.cluster.local\n' +
        '  hosts {\n    192.0.2.9 legacy.example old.example # two names\n    fallthrough\n  }\n' +
        '  kubernetes cluster.local\n  forward . 8.8.8.8\n}\n',
    );
    expect(ask('shop.example', 'A', custom)).toEqual(['NOERROR', 'A 10.96.0.10']);
    expect(answer(custom, { name: 'shop.example', type: 'A' }).answers[0]!.name).toBe('shop.example.');
    expect(ask('web.test', 'A', custom)).toEqual(['NOERROR', 'A 10.96.0.10']);
    expect(ask('old.example', 'A', custom)).toEqual(['NOERROR', 'A 192.0.2.9']);
    expect(ask('old.example', 'AAAA', custom)).toEqual(['NOERROR']);
    expect(ask('9.2.0.192.in-addr.arpa', 'PTR', custom)).toEqual([
      'NOERROR',
      'PTR legacy.example.',
      'PTR old.example.',
    ]);
    const asked: string[] = [];
    const told = {
      ...custom,
      upstream: (question: { name: string }, servers: readonly string[]) => {
        asked.push(`${question.name} ${servers}`);
        return noAnswer('NXDOMAIN');
      },
    };
    for (const name of ['a.corp.example', 'b.example']) answer(told, { name, type: 'A' });
    expect(asked).toEqual(['a.corp.example. 10.0.0.53', 'b.example. 8.8.8.8']);
    // Pods are not named unless that is asked for.
    expect(ask('10-9-8-7.default.pod.cluster.local', 'A', custom)).toEqual(['NXDOMAIN']);
  });

  it('refuses a file that cannot be read', () => {
    expect(() => parseCorefile('.:53 {\n errors\n')).toThrow(CorefileError);
    expect(() => parseCorefile('.:53\n')).toThrow('line 1');
    expect(() => parseCorefile('}\n')).toThrow('line 1');
  });

  it('takes names as long as names may be', () => {
    const label = 'a'.repeat(MAX_LABEL);
    const name = (last: number): string => `${[label, label, label].join('.')}.${'b'.repeat(last)}.`;
    expect(name(MAX_DOMAIN - 3 * (MAX_LABEL + 1) - 1)).toHaveLength(MAX_DOMAIN);
    expect(ask(name(MAX_DOMAIN - 3 * (MAX_LABEL + 1) - 1))).toEqual(['NXDOMAIN']);
    expect(ask(name(MAX_DOMAIN - 3 * (MAX_LABEL + 1)))).toEqual(['SERVFAIL']);
    expect(ask(`${label}.org`)).toEqual(['NXDOMAIN']);
    expect(ask(`${label}a.org`)).toEqual(['SERVFAIL']);
  });
});
