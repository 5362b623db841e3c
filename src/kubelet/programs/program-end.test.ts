import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { Surround } from '../runtime/surround.ts';
import { endAtOnce, MAX_RUNS } from './program-end.ts';

const reader = { get: () => undefined, list: () => [] } as unknown as View;
const script = (text: string): Container => ({
  name: 'c',
  image: 'busybox',
  command: ['sh', '-c', text],
  volumeMounts: [{ name: 'v', mountPath: '/data' }],
});

/** How it ends after so many restarts, in a pod with a folder that outlives the container. */
function end(container: Container, restarts: number) {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { containers: [container], nodeName: 'n', volumes: [{ name: 'v', emptyDir: {} }] },
  };
  const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: {} };
  return endAtOnce(new Surround({ reader, pod, node, podIP: '10.1.0.2', hostIP: '172.18.0.2' }), container, restarts);
}

it('knows what so many runs before this one have left behind, and of no more', () => {
  const counting = script('echo x >> /data/runs; cat /data/runs > /dev/termination-log; exit 1');
  const runs = (restarts: number): number | undefined => end(counting, restarts)?.message?.trim().split('\n').length;
  expect([0, 1, MAX_RUNS].map(runs)).toEqual([1, 2, MAX_RUNS + 1]);
  expect(runs(MAX_RUNS + 1)).toBe(MAX_RUNS + 1);
  expect(runs(MAX_RUNS + 100)).toBe(MAX_RUNS + 1);
});

it('begins each run without the files of the container that was before', () => {
  const forgetful = script('[ -e /tmp/been ] && exit 0; touch /tmp/been; exit 3');
  expect([0, 1, 5].map((restarts) => end(forgetful, restarts)?.code)).toEqual([3, 3, 3]);
});
