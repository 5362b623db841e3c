import { describe, expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { DELETION_GRACE_MS, READY_MESSAGE, SERVICE_CIDR_FINALIZER, serviceCIDRController } from './service-cidr.ts';

const controller = serviceCIDRController();
const range = (name: string, cidrs: string[], metadata: object = {}) =>
  object('ServiceCIDR', name, {
    metadata: { finalizers: [SERVICE_CIDR_FINALIZER], ...metadata },
    spec: { cidrs },
    status: {},
  });
const ending = (name: string, cidrs: string[], secondsAgo: number) =>
  range(name, cidrs, { deletionTimestamp: new Date(NOW - secondsAgo * SECOND).toISOString().replace('.000', '') });
const address = (name: string, managed = 'ipallocator.k8s.io') =>
  object('IPAddress', name, { metadata: { labels: { 'ipaddress.kubernetes.io/managed-by': managed } } });

it('holds a range, and then says that it is ready', () => {
  const made = range('a', ['10.1.0.0/24'], { finalizers: [] });
  const held = written(reconciled(controller, 'a', [made]), 'update ServiceCIDR a');
  expect(held.metadata.finalizers).toEqual([SERVICE_CIDR_FINALIZER]);
  const told = written(reconciled(controller, 'a', [held]), 'update ServiceCIDR/status a');
  expect(told.status.conditions).toMatchObject([{ type: 'Ready', status: 'True', message: READY_MESSAGE }]);
  expect(lines(reconciled(controller, 'a', [told]))).toEqual([]);
});

describe('one that is being deleted', () => {
  it('waits while it has an address that is in no other', () => {
    const going = ending('a', ['10.1.0.0/24'], 60);
    const told = written(reconciled(controller, 'a', [going, address('10.1.0.7')]), 'update ServiceCIDR/status a');
    expect(told.status.conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'Terminating' }]);
    for (const free of [address('10.2.0.7'), address('10.1.0.7', 'somebody'), address('10.1.0.0')])
      expect(lines(reconciled(controller, 'a', [going, free]))).toEqual(['update ServiceCIDR a']);
    const shared = [range('b', ['10.1.0.0/28']), address('10.1.0.7')];
    expect(lines(reconciled(controller, 'a', [going, ...shared]))).toEqual(['update ServiceCIDR a']);
    expect(lines(reconciled(controller, 'a', [going, range('b', ['10.0.0.0/8']), address('10.1.0.77')]))).toEqual([
      'update ServiceCIDR a',
    ]);
  });

  it('goes when allocators have heard of it', () => {
    const seconds = DELETION_GRACE_MS / SECOND;
    const early = reconciled(controller, 'a', [ending('a', ['10.1.0.0/24'], seconds - 1)]);
    expect([early.writes, early.requeueAt]).toEqual([[], NOW + SECOND]);
    const done = written(reconciled(controller, 'a', [ending('a', ['10.1.0.0/24'], seconds)]), 'update ServiceCIDR a');
    expect(done.metadata.finalizers).toEqual([]);
  });

  it('is looked at again when an address or another range comes or goes', () => {
    const going = ending('a', ['10.1.0.0/24'], 60);
    expect(keysOf(controller, { old: address('10.1.0.7') }, [going])).toEqual(['a']);
    expect(keysOf(controller, { old: address('10.2.0.7') }, [going])).toEqual([]);
    expect(keysOf(controller, { new: address('10.1.0.7') }, [range('a', ['10.1.0.0/24'])])).toEqual([]);
    expect(keysOf(controller, { new: range('b', ['10.1.0.0/16']) }, [going])).toEqual(['b', 'a']);
  });
});
