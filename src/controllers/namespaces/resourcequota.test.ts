import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { keysOf, lines, NOW, object, reconciled, written } from '../test-view.ts';
import { RESYNC_MS, resourceQuotaController } from './resourcequota.ts';

const controller = resourceQuotaController(() => BUILT_IN);
const HARD = { pods: '10', 'requests.cpu': '4', configmaps: '5' };
const quota = (status: object = {}, spec: object = {}): KubeObject =>
  object('ResourceQuota', 'q', { spec: { hard: HARD, ...spec }, status });
const pod = (name: string, phase = 'Running'): KubeObject =>
  object('Pod', name, {
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '500m' } } }] },
    status: { phase },
  });
const counted = (...objects: KubeObject[]) =>
  written(reconciled(controller, 'ns/q', objects), 'update ResourceQuota/status q').status;

it('counts what there is of what it bounds', () => {
  const status = counted(quota(), pod('a'), pod('b'), pod('over', 'Succeeded'), object('ConfigMap', 'c'));
  expect(status).toEqual({ hard: HARD, used: { pods: '2', 'requests.cpu': '1', configmaps: '1' } });
  const again = [quota(status), pod('a'), pod('b'), object('ConfigMap', 'c')];
  expect(lines(reconciled(controller, 'ns/q', again))).toEqual([]);
});

it('counts only what is in its scopes', () => {
  const found = counted(quota({}, { scopes: ['Terminating'], hard: { pods: '1' } }), pod('a'), {
    ...pod('b'),
    spec: { ...pod('b').spec, activeDeadlineSeconds: 5 },
  });
  expect(found.used).toEqual({ pods: '1' });
});

it('counts at once what goes, and in the next resync what somebody wrote into its status', () => {
  const known = quota({ hard: HARD, used: { pods: '1', 'requests.cpu': '500m', configmaps: '0' } });
  expect(keysOf(controller, { old: pod('a') }, [known])).toEqual(['ns/q']);
  const wrong = quota({ hard: HARD, used: { pods: '7' } });
  const [key = ''] = keysOf(controller, { old: known, new: wrong });
  const { requeueAt, writes } = reconciled(controller, key, [wrong, pod('a')]);
  expect(writes).toEqual([]);
  expect(requeueAt).toBeGreaterThan(NOW);
  expect(requeueAt).toBeLessThanOrEqual(NOW + RESYNC_MS);
  const result = reconciled(controller, key, [wrong, pod('a')], { now: requeueAt!, requeueAt: requeueAt! });
  expect(written(result, 'update ResourceQuota/status q').status).toEqual(known.status);
});
