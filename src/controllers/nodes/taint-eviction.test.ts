import { expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { taintEvictionController } from './taint-eviction.ts';

const controller = taintEvictionController();
const KEY = 'ns/p';
const EVICTED = ['event TaintManagerEviction: Marking for deletion Pod ns/p', 'update Pod/status p', 'delete pods p'];
const node = (...effects: string[]) =>
  object('Node', 'n', { spec: { taints: effects.map((effect, i) => ({ key: `k${i}`, effect })) } });
const pod = (...tolerations: object[]) => object('Pod', 'p', { spec: { nodeName: 'n', tolerations } });
const tolerates = (key: string, tolerationSeconds?: number) => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

it('evicts a pod that does not tolerate a taint, and says so in it', () => {
  const result = reconciled(controller, KEY, [node('NoExecute'), pod()]);
  expect(lines(result)).toEqual(EVICTED);
  expect(written(result, 'update Pod/status p').status.conditions).toMatchObject([
    { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' },
  ]);
  expect(lines(reconciled(controller, KEY, [node('NoExecute', 'NoExecute'), pod(tolerates('k0'))]))).toEqual(EVICTED);
});

it('leaves a pod that tolerates it, and those of nodes with other taints', () => {
  expect(reconciled(controller, KEY, [node('NoExecute'), pod(tolerates('k0'))])).toEqual({ writes: [] });
  expect(reconciled(controller, KEY, [node('NoSchedule'), pod()])).toEqual({ writes: [] });
});

it('waits for the least patience, and takes it back when the taint goes', () => {
  const objects = [node('NoExecute', 'NoExecute'), pod(tolerates('k0', 60), tolerates('k1', 30))];
  const { requeueAt } = reconciled(controller, KEY, objects);
  expect(requeueAt).toBe(NOW + 30 * SECOND);
  const at = (now: number, seen = objects) => reconciled(controller, KEY, seen, { now, requeueAt: requeueAt! });
  expect(at(requeueAt! - 1)).toEqual({ writes: [], requeueAt });
  expect(lines(at(requeueAt!))).toEqual(EVICTED);
  expect(lines(at(requeueAt! - 1, [node(), objects[1]!]))).toEqual([
    'event TaintManagerEviction: Cancelling deletion of Pod ns/p',
  ]);
});

it('looks at all pods of a node whose taints change', () => {
  expect(keysOf(controller, { old: node(), new: node('NoExecute') }, [pod()])).toEqual([KEY]);
  expect(keysOf(controller, { old: node(), new: node('NoSchedule') }, [pod()])).toEqual([]);
  expect(keysOf(controller, { new: pod() }, [node('NoExecute')])).toEqual([KEY]);
});
