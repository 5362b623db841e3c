import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import {
  MAX_NAMESERVERS,
  MAX_SEARCH_CHARACTERS,
  MAX_SEARCH_PATH,
  MAX_SEARCH_PATHS,
} from '../../network/interfaces/resolv-conf.ts';
import { clusterDNSOf } from '../../objects/cluster-dns.ts';
import { dnsFaults } from './dns.ts';

const DNS = '10.96.0.10';
/** The searches of its own that a pod in `default` has. */
const OWN = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];

const faults = (dnsConfig: object, spec: object = {}): string[] =>
  dnsFaults(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { dnsConfig, ...spec },
    } as KubeObject,
    DNS,
  );
const names = (count: number, length = 6): string[] =>
  Array.from({ length: count }, (_, i) => `${String(i).padStart(length - 2, 'x')}.z`);

describe('nameservers beyond three', () => {
  const two = ['192.0.2.1', '192.0.2.2'];
  it('are left out, and said', () => {
    expect(faults({ nameservers: two })).toEqual([]);
    expect(MAX_NAMESERVERS).toBe(3);
    expect(faults({ nameservers: [...two, '192.0.2.3'] })).toEqual([
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${DNS} 192.0.2.1 192.0.2.2`,
    ]);
    expect(faults({ nameservers: [...two, DNS] })).toEqual([]);
  });

  it.each([{ dnsPolicy: 'None' }, { dnsPolicy: 'Default' }, { dnsPolicy: 'ClusterFirst', hostNetwork: true }])(
    'are counted without the cluster’s own where a pod does not ask it: %o',
    (spec) => expect(faults({ nameservers: [...two, '192.0.2.3'] }, spec)).toEqual([]),
  );
});

describe('search paths', () => {
  const applied = (searches: string[]): string[] | undefined => {
    const [fault] = faults({ searches });
    return fault?.split('the applied search line is: ')[1]?.split(' ');
  };

  it('have a limit, with the pod’s own', () => {
    expect(applied(names(MAX_SEARCH_PATHS - 3))).toBeUndefined();
    expect(applied(names(MAX_SEARCH_PATHS - 2))).toEqual([...OWN, ...names(MAX_SEARCH_PATHS - 3)]);
  });

  it('have a limit together, and each of its own', () => {
    const own = OWN.join(' ').length + 1;
    const fitting = names(10, (MAX_SEARCH_CHARACTERS - own - 9) / 10);
    expect([OWN, fitting].flat().join(' ').length).toBeLessThanOrEqual(MAX_SEARCH_CHARACTERS);
    expect(applied(fitting)).toBeUndefined();
    expect(applied([...fitting, 'one.more.z'])).toEqual([...OWN, ...fitting]);
    expect(applied(['a'.repeat(MAX_SEARCH_PATH), 'b.z'])).toBeUndefined();
    expect(applied(['a'.repeat(MAX_SEARCH_PATH + 1), 'b.z'])).toEqual([...OWN, 'b.z']);
  });
});

it('the cluster’s own server has the tenth address', () => {
  expect([clusterDNSOf('10.96.0.0/16'), clusterDNSOf('fd00::/108')]).toEqual(['10.96.0.10', 'fd00::a']);
});
