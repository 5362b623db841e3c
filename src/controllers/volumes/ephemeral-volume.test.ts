import { expect, it } from 'vitest';
import { keysOf, lines, object, ownedBy, reconciled, written } from '../test-view.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';

const controller = ephemeralVolumeController();
const template = { metadata: { labels: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce'] } };
const pod = object('Pod', 'p', {
  spec: {
    volumes: [
      { name: 'scratch', ephemeral: { volumeClaimTemplate: template } },
      { name: 'other', emptyDir: {} },
    ],
  },
});

it('makes the claim of a volume that carries its template', () => {
  const claim = written(reconciled(controller, 'ns/p', [pod]), 'create PersistentVolumeClaim p-scratch');
  expect(claim.metadata).toMatchObject({ namespace: 'ns', labels: { a: 'b' }, ownerReferences: ownedBy(pod) });
  expect(claim.spec).toEqual(template.spec);
  expect(lines(reconciled(controller, 'ns/p', [pod, claim]))).toEqual([]);
  expect(keysOf(controller, { old: claim }, [pod])).toEqual(['ns/p']);
});

it('takes no claim that is another’s', () => {
  const result = reconciled(controller, 'ns/p', [pod, object('PersistentVolumeClaim', 'p-scratch')]);
  const why = 'PVC ns/p-scratch was not created for pod ns/p (pod is not owner)';
  expect(lines(result)).toEqual([`event FailedBinding: ephemeral volume scratch: ${why}`]);
  expect(result.error).toBe(`pod ns/p, ephemeral volume scratch: ${why}`);
});

it('makes none for a pod that goes', () => {
  const going = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-05T09:59:00Z' } };
  expect(reconciled(controller, 'ns/p', [going])).toEqual({ writes: [] });
});
