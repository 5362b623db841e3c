import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { CLEANUP_FINALIZER, serviceLoadBalancerController } from './service-lb.ts';

const controller = serviceLoadBalancerController();
const service = (name: string, spec: object = {}, rest: { status?: object; metadata?: object } = {}) =>
  object('Service', name, { spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec }, status: {}, ...rest });
const holding = (name: string, ip: string, spec: object = {}) =>
  service(name, spec, {
    status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } },
    metadata: { finalizers: [CLEANUP_FINALIZER] },
  });

it('gives a load balancer the lowest address that nobody has, and tells so', () => {
  const result = reconciled(controller, 'ns/b', [holding('a', '203.0.113.1'), service('b')]);
  expect(lines(result)).toEqual([
    'update Service b',
    'event EnsuringLoadBalancer: Ensuring load balancer',
    'update Service/status b',
    'event EnsuredLoadBalancer: Ensured load balancer',
  ]);
  expect(written(result, 'update Service b').metadata.finalizers).toEqual([CLEANUP_FINALIZER]);
  expect(written(result, 'update Service/status b').status).toEqual({
    loadBalancer: { ingress: [{ ip: '203.0.113.2', ipMode: 'VIP' }] },
  });
  expect(lines(reconciled(controller, 'ns/a', [holding('a', '203.0.113.1')]))).toEqual([]);
});

it('gives the address that is asked for, if it is one of the pool and free', () => {
  const asks = (loadBalancerIP: string) =>
    reconciled(controller, 'ns/b', [service('b', { loadBalancerIP }), holding('a', '203.0.113.9')]);
  expect(written(asks('203.0.113.200'), 'update Service/status b').status.loadBalancer.ingress[0].ip).toBe(
    '203.0.113.200',
  );
  const why = 'Error syncing load balancer: failed to ensure load balancer: no available IPs';
  for (const ip of ['203.0.113.9', '203.0.113.0', '203.0.113.255', '10.0.0.1']) {
    const result = asks(ip);
    expect(result.error).toBe(why);
    expect(lines(result).at(-1)).toBe(`event SyncLoadBalancerFailed: ${why}`);
  }
});

it('has 254 addresses, and gives one that comes back to who waits', () => {
  const all = Array.from({ length: 253 }, (_, i) => holding(`s${i}`, `203.0.113.${i + 1}`));
  expect(reconciled(controller, 'ns/new', [...all, service('new')]).error).toBeUndefined();
  const full = [...all, holding('last', '203.0.113.254')];
  expect(reconciled(controller, 'ns/new', [...full, service('new')]).error).toBeDefined();
  expect(keysOf(controller, { old: full[0] }, [service('new')])).toEqual(['ns/new']);
});

it('leaves alone what is no load balancer, or another one’s, and takes back what was given', () => {
  expect(lines(reconciled(controller, 'ns/b', [service('b', { type: 'NodePort' })]))).toEqual([]);
  expect(lines(reconciled(controller, 'ns/b', [service('b', { loadBalancerClass: 'example.com/other' })]))).toEqual([]);
  const result = reconciled(controller, 'ns/a', [holding('a', '203.0.113.1', { type: 'ClusterIP' })]);
  expect(lines(result)).toEqual([
    'event DeletingLoadBalancer: Deleting load balancer',
    'update Service/status a',
    'update Service a',
    'event DeletedLoadBalancer: Deleted load balancer',
  ]);
  expect(written(result, 'update Service a').metadata.finalizers).toEqual([]);
});
