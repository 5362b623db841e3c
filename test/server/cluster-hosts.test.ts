import { expect, it } from 'vitest';
import { clusterHostsResolve } from '../../scripts/local/cluster-hosts.ts';

const asks = (system: string | undefined, server: string[] | undefined) => ({
  lookup: (async () => {
    if (system === undefined) throw new Error('ENOTFOUND');
    return { address: system, family: 4 };
  }) as never,
  resolve4: (async () => {
    if (server === undefined) throw new Error('ENOTFOUND');
    return server;
  }) as never,
});

it.each([
  ['both', '127.0.0.1', ['127.0.0.1'], true],
  ['the system alone', '127.0.0.1', undefined, false],
  ['the name server alone', undefined, ['127.0.0.1'], false],
  ['somebody else', '10.0.0.1', ['10.0.0.1'], false],
  ['nobody', undefined, undefined, false],
])('a cluster has a host of its own where %s says so', async (_, system, server, expected) => {
  expect(await clusterHostsResolve(asks(system, server))).toBe(expected);
});

it('does not wait for a name server that says nothing', async () => {
  const silent = {
    lookup: (() => new Promise(() => undefined)) as never,
    resolve4: (async () => ['127.0.0.1']) as never,
  };
  expect(await clusterHostsResolve(silent)).toBe(false);
});
