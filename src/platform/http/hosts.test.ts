import { expect, it } from 'vitest';
import { clusterOfHost, isOwnHost } from './hosts.ts';

const local = { LOCAL_HTTPS_ORIGIN: 'https://localhost:8788' };
const hosted = { HOSTS: 'diorama.example, Other.Example.' };

it.each([
  ['kx3oqmz7ab.localhost', local, 'kx3oqmz7ab'],
  ['kx3oqmz7ab.localhost.', local, 'kx3oqmz7ab'],
  ['kx3oqmz7ab.diorama.example', hosted, 'kx3oqmz7ab'],
  ['kx3oqmz7ab.other.example', hosted, 'kx3oqmz7ab'],
  ['kx3oqmz7ab.localhost', hosted, undefined],
  ['playground.example.org', local, undefined],
  ['kx3oqmz7ab.example.org', hosted, undefined],
  ['kx3oqmz7ab.www.diorama.example', hosted, undefined],
  ['www.kx3oqmz7ab.diorama.example', hosted, undefined],
  ['kx3oqmz7a.diorama.example', hosted, undefined],
  ['kx3oqmz7abc.diorama.example', hosted, undefined],
  ['1x3oqmz7ab.diorama.example', hosted, undefined],
  ['kx3oqmz7ab', local, undefined],
  ['kx3oqmz7ab.diorama.example', {}, undefined],
])('the host %s is cluster %3$s', (host, bindings, id) => {
  expect(clusterOfHost(host, bindings)).toBe(id);
});

it.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['[::1]', true],
  ['kx3oqmz7ab.localhost', true],
  ['rebound.example', false],
  ['localhost.rebound.example', false],
  ['notlocalhost', false],
  ['192.168.1.2', false],
  ['diorama.example', false],
])('of a local server without configured hosts, %s is its own: %s', (host, own) => {
  expect(isOwnHost(host, local)).toBe(own);
  expect(isOwnHost('diorama.example', { ...local, ...hosted })).toBe(true);
});
