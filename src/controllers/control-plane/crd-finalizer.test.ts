import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import type { View } from '../../objects/object.ts';
import { CLEANUP_FINALIZER } from '../../resources/apiextensions/cleanup.ts';
import { lines, NOW, object } from '../test-view.ts';
import { crdFinalizer } from './crd-finalizer.ts';

const definition = (conditions: object[], finalizers = [CLEANUP_FINALIZER]): LooseObject =>
  object('CustomResourceDefinition', 'foos.example.com', {
    metadata: { deletionTimestamp: '2026-01-05T09:59:00Z', finalizers },
    spec: { group: 'example.com', names: { plural: 'foos', kind: 'Foo' } },
    status: { acceptedNames: { plural: 'foos', kind: 'Foo' }, conditions },
  });

const PENDING = { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending' };
const ESTABLISHED = { type: 'Established', status: 'True' };
const STATUS = 'update CustomResourceDefinition/status foos.example.com';

function ended(subject: LooseObject, instances: object[], when: object = {}) {
  const view = {
    get: () => subject,
    list: (resource: string) => (resource === 'foos.example.com' ? instances : []),
  } as unknown as View;
  return crdFinalizer().reconcile(view, 'foos.example.com', { now: NOW, ...when } as LooseObject);
}

const last = (result: LooseObject) => result.writes.at(-1).object;

describe('the end of a definition', () => {
  it('comes at once where it was never served', () => {
    const result = ended(definition([PENDING]), []);
    expect(lines(result)).toEqual([STATUS, STATUS]);
    expect(last(result).metadata.finalizers).toEqual([]);
    expect(last(result).status.conditions[0]).toMatchObject({ status: 'False', reason: 'NeverEstablished' });
  });

  it('waits for its objects, which it deletes', () => {
    const instance = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'ns', uid: name, ...more } });
    const instances = [instance('a'), instance('b', { deletionTimestamp: '2026-01-05T10:00:00Z' })];
    const result = ended(definition([ESTABLISHED, PENDING]), instances);
    expect(lines(result)).toEqual([STATUS, 'delete foos.example.com a']);
    expect(result.requeueAt).toBe(NOW + 60_000);
    const late = ended(definition([ESTABLISHED, PENDING]), instances, { requeueAt: NOW });
    expect((late.writes[0] as LooseObject).object.status.conditions[1].reason).toBe('InstanceDeletionCheck');
    const gone = ended(definition([ESTABLISHED, PENDING]), []);
    expect(last(gone).status.conditions[1]).toMatchObject({ status: 'False', reason: 'InstanceDeletionCompleted' });
  });

  it('is nothing to the controller without its own finalizer', () => {
    expect(lines(ended(definition([ESTABLISHED], ['other.example.com/x']), []))).toEqual([]);
  });
});
