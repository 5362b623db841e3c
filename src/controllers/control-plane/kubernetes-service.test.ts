import { expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { kubernetesService } from './kubernetes-service.ts';

const original = object('Service', 'kubernetes', {
  metadata: { namespace: 'default', labels: { component: 'apiserver' } },
  spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
});
const controller = kubernetesService(original);

it('is there again at the next look after it was deleted', () => {
  expect(keysOf(controller, { old: original })).toEqual(['kubernetes']);
  expect(keysOf(controller, { old: object('Service', 'kubernetes') })).toEqual([]);
  const { requeueAt } = reconciled(controller, 'kubernetes', []);
  expect(requeueAt).toBe(NOW + 10 * SECOND);
  const result = reconciled(controller, 'kubernetes', [], { now: requeueAt!, requeueAt: requeueAt! });
  const made = written(result, 'create Service kubernetes');
  expect(made.metadata).toEqual({ name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver' } });
  expect(made.spec).toEqual(original.spec);
  expect(lines(reconciled(controller, 'kubernetes', [original], { requeueAt: NOW }))).toEqual([]);
});
