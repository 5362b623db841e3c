import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled } from '../test-view.ts';
import { persistentVolumeExpander } from './persistentvolume-expander.ts';

const controller = persistentVolumeExpander();
const claim = (asked: string, given: string) =>
  object('PersistentVolumeClaim', 'c', {
    spec: { volumeName: 'v', resources: { requests: { storage: asked } } },
    status: { phase: 'Bound', capacity: { storage: given } },
  });
const volume = (uid: string, annotations: Record<string, string> = {}) =>
  object('PersistentVolume', 'v', { metadata: { annotations }, spec: { claimRef: { uid } } });
const bound = volume('PersistentVolumeClaim/c');
const WAITS = ['event ExternalExpanding: waiting for an external controller to expand this PVC'];

it('says of a claim that asks for more that it waits for a driver', () => {
  expect(keysOf(controller, { old: claim('1Gi', '1Gi'), new: claim('2Gi', '1Gi') })).toEqual(['ns/c']);
  expect(lines(reconciled(controller, 'ns/c', [claim('2Gi', '1Gi'), bound]))).toEqual(WAITS);
  const resizing = volume('PersistentVolumeClaim/c', { 'volume.alpha.kubernetes.io/pre-resize-capacity': '1Gi' });
  expect(lines(reconciled(controller, 'ns/c', [claim('1Gi', '1Gi'), resizing]))).toEqual(WAITS);
});

it('says nothing of one that has what it asks for, or whose volume is another’s', () => {
  expect(keysOf(controller, { old: claim('1Gi', '1Gi'), new: claim('1Gi', '1Gi') })).toEqual([]);
  expect(lines(reconciled(controller, 'ns/c', [claim('1024Mi', '1Gi'), bound]))).toEqual([]);
  expect(lines(reconciled(controller, 'ns/c', [claim('2Gi', '1Gi'), volume('other')]))).toEqual([]);
});
