import { describe, expect, it } from 'vitest';
import { type DnsAnswer, noAnswer } from './message.ts';
import { candidates, POD_NDOTS, podSearches, resolve, type Searching } from './search.ts';

const how = (libc: 'glibc' | 'musl', ndots = POD_NDOTS): Searching => ({
  searches: podSearches('shop', 'cluster.local'),
  ndots,
  libc,
});

const yes = (name: string): DnsAnswer => ({
  ...noAnswer('NOERROR'),
  answers: [{ name, type: 'A', ttl: 30, data: '10.0.0.1' }],
});

/** A server that knows some names, and others without records. */
const server =
  (known: Record<string, DnsAnswer>) =>
  ({ name }: { name: string }): DnsAnswer =>
    known[name] ?? noAnswer('NXDOMAIN');

describe('which names are tried', () => {
  it('the search list first, where there are few dots', () => {
    expect(candidates('web', how('glibc'))).toEqual([
      'web.shop.svc.cluster.local.',
      'web.svc.cluster.local.',
      'web.cluster.local.',
      'web.',
    ]);
    expect(candidates('example.org', how('musl'))[3]).toBe('example.org.');
  });

  it('the name itself first, where there are dots enough: with musl alone', () => {
    expect(candidates('a.b.c.d.e.f', how('glibc'))[0]).toBe('a.b.c.d.e.f.');
    expect(candidates('a.b.c.d.e.f', how('glibc'))).toHaveLength(4);
    expect(candidates('a.b.c.d.e.f', how('musl'))).toEqual(['a.b.c.d.e.f.']);
    expect(candidates('a.b.c.d.e', how('musl'))).toHaveLength(4);
  });

  it('nothing else for a name with a dot at its end', () => {
    expect(candidates('web.', how('glibc'))).toEqual(['web.']);
  });
});

describe('what is found', () => {
  it('the first name that has an answer', () => {
    const ask = server({ 'web.svc.cluster.local.': yes('web.svc.cluster.local.') });
    for (const libc of ['glibc', 'musl'] as const)
      expect(resolve(ask, { name: 'web', type: 'A' }, how(libc))).toMatchObject({
        code: 'NOERROR',
        question: 'web.svc.cluster.local.',
        tried: ['web.shop.svc.cluster.local.', 'web.svc.cluster.local.'],
      });
  });

  it('goes past a name without records with glibc, and not with musl', () => {
    const ask = server({ 'web.shop.svc.cluster.local.': noAnswer('NOERROR'), 'web.': yes('web.') });
    expect(resolve(ask, { name: 'web', type: 'AAAA' }, how('glibc')).question).toBe('web.');
    expect(resolve(ask, { name: 'web', type: 'AAAA' }, how('musl'))).toMatchObject({ code: 'NOERROR', answers: [] });
  });

  it('tells of a failing server rather than of a name that is not there', () => {
    const ask = server({ 'web.svc.cluster.local.': noAnswer('SERVFAIL') });
    expect(resolve(ask, { name: 'web', type: 'A' }, how('glibc'))).toMatchObject({
      code: 'SERVFAIL',
      tried: { length: 4 },
    });
    expect(resolve(ask, { name: 'web', type: 'A' }, how('musl'))).toMatchObject({
      code: 'SERVFAIL',
      tried: { length: 2 },
    });
    expect(resolve(server({}), { name: 'web', type: 'A' }, how('glibc')).code).toBe('NXDOMAIN');
  });
});
