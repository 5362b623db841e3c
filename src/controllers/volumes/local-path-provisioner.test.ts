import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { DEFAULT_STORAGE_CLASS, localPathProvisioner } from './local-path-provisioner.ts';

const controller = localPathProvisioner();
const standard = object('StorageClass', 'standard', { ...DEFAULT_STORAGE_CLASS });
const claim = (annotations: object, spec: object = {}) =>
  object('PersistentVolumeClaim', 'data', {
    metadata: { annotations: { 'volume.kubernetes.io/storage-provisioner': 'rancher.io/local-path', ...annotations } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'standard',
      volumeMode: 'Filesystem',
      ...spec,
    },
    status: { phase: 'Pending' },
  });
const chosen = { 'volume.kubernetes.io/selected-node': 'node-2' };

it('makes a volume on the node that the claim’s first pod goes to', () => {
  const result = reconciled(controller, 'ns/data', [standard, claim(chosen)]);
  expect(lines(result)).toEqual([
    'event Provisioning: External provisioner is provisioning volume for claim "ns/data"',
    'create PersistentVolume pvc-PersistentVolumeClaim/data',
    'event ProvisioningSucceeded: Successfully provisioned volume pvc-PersistentVolumeClaim/data',
  ]);
  const { spec } = written(result, 'create PersistentVolume pvc-PersistentVolumeClaim/data');
  expect(spec).toMatchObject({
    capacity: { storage: '1Gi' },
    claimRef: { namespace: 'ns', name: 'data', uid: 'PersistentVolumeClaim/data' },
    persistentVolumeReclaimPolicy: 'Delete',
    storageClassName: 'standard',
  });
  expect(spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values).toEqual(['node-2']);
});

it('says why it makes none', () => {
  const told = (annotations: object, spec: object = {}) =>
    reconciled(controller, 'ns/data', [standard, claim(annotations, spec)]).error;
  expect(told(chosen, { accessModes: ['ReadWriteMany'] })).toBe(
    'failed to provision volume with StorageClass "standard": NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes',
  );
  expect(told({})).toBe(
    'failed to provision volume with StorageClass "standard": configuration error, no node was specified',
  );
});

it('makes one at once where the files are on any node, and looks at nobody else’s claims', () => {
  const anywhere = object('StorageClass', 'standard', { provisioner: 'k8s.io/minikube-hostpath' });
  const asked = claim(
    { 'volume.kubernetes.io/storage-provisioner': 'k8s.io/minikube-hostpath' },
    { accessModes: ['ReadWriteMany'] },
  );
  const made = written(
    reconciled(controller, 'ns/data', [anywhere, asked]),
    'create PersistentVolume pvc-PersistentVolumeClaim/data',
  );
  expect(made.spec.hostPath.path).toBe('/tmp/hostpath-provisioner/ns/data');
  expect(made.spec.nodeAffinity).toBeUndefined();
  const foreign = claim({ 'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com', ...chosen });
  expect(keysOf(controller, { new: foreign })).toEqual([]);
  expect(lines(reconciled(controller, 'ns/data', [standard, foreign]))).toEqual([]);
});

it('removes its volumes when their claims are gone, and not those that are to be kept', () => {
  const volume = (policy: string, by = 'rancher.io/local-path') =>
    object('PersistentVolume', 'pv', {
      metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': by } },
      spec: { persistentVolumeReclaimPolicy: policy },
      status: { phase: 'Released' },
    });
  expect(lines(reconciled(controller, 'pv', [volume('Delete')]))).toEqual(['delete persistentvolumes pv']);
  expect(lines(reconciled(controller, 'pv', [volume('Retain')]))).toEqual([]);
  expect(lines(reconciled(controller, 'pv', [volume('Delete', 'ebs.csi.aws.com')]))).toEqual([]);
});
