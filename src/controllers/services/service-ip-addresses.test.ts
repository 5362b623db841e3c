import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { serviceIPAddresses } from './service-ip-addresses.ts';

const controller = serviceIPAddresses();
const service = object('Service', 's', { spec: { clusterIPs: ['10.96.0.7', 'fd00:0::7'] } });

it('names the Service of each address', () => {
  const keys = keysOf(controller, { new: service });
  expect(keys).toEqual(['ns/s 10.96.0.7', 'ns/s fd00::7']);
  const made = keys.map((key) => reconciled(controller, key, [service]).writes[0]);
  expect(made).toMatchObject([
    { verb: 'create', object: { metadata: { labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4' } } } },
    { verb: 'create', object: { metadata: { labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv6' } } } },
  ]);
  const four = written(reconciled(controller, keys[0]!, [service]), 'create IPAddress 10.96.0.7');
  expect(four.spec.parentRef).toEqual({ resource: 'services', namespace: 'ns', name: 's' });
  expect(lines(reconciled(controller, keys[0]!, [service, four]))).toEqual([]);
});

it('gives an address back that no Service has, and only one of its own', () => {
  const key = 'ns/s 10.96.0.7';
  const address = (labels: Record<string, string>) =>
    object('IPAddress', '10.96.0.7', {
      metadata: { labels },
      spec: { parentRef: { resource: 'services', namespace: 'ns', name: 's' } },
    });
  const ours = address({ 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' });
  expect(lines(reconciled(controller, key, [ours]))).toEqual(['delete ipaddresses.networking.k8s.io 10.96.0.7']);
  expect(lines(reconciled(controller, key, [address({})]))).toEqual([]);
  expect(keysOf(controller, { old: ours })).toEqual([key]);
});
