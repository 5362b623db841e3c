import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { builtIn } from '../../resources/built-in.ts';
import type { DeleteOptions } from '../options.ts';
import { decideDeletion } from './deletion.ts';

const NOW = Date.parse('2026-01-05T10:00:00Z');
const PLAIN: DeleteOptions = { dryRun: false };

const object = (
  kind: string,
  metadata: Record<string, unknown> = {},
  rest: Record<string, unknown> = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', namespace: 'a', uid: 'u', resourceVersion: '7', ...metadata },
  ...rest,
});

const decide = (resource: string, current: KubeObject, options: Partial<DeleteOptions> = {}) =>
  decideDeletion(builtIn(resource), current, { ...PLAIN, ...options }, NOW, () => undefined);

describe('a deletion', () => {
  it('ends what nothing holds', () => {
    expect(decide('configmaps', object('ConfigMap'))).toMatchObject({ outcome: 'deleted', marked: false });
  });

  it('marks what a finalizer holds, and counts as a change of what is wanted', () => {
    const { outcome, object: marked } = decide('configmaps', object('ConfigMap', { finalizers: ['f'], generation: 1 }));
    expect(outcome).toBe('marked');
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: '2026-01-05T10:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
  });

  it('is done once', () => {
    const dying = object('ConfigMap', {
      finalizers: ['f'],
      deletionTimestamp: '2026-01-05T09:00:00Z',
      deletionGracePeriodSeconds: 0,
    });
    expect(decide('configmaps', dying).outcome).toBe('pending');
  });

  it('turns a propagation policy into a finalizer', () => {
    const foreground = decide('configmaps', object('ConfigMap'), { propagationPolicy: 'Foreground' });
    expect(foreground.object.metadata.finalizers).toEqual(['foregroundDeletion']);
    const orphan = decide('configmaps', object('ConfigMap', { finalizers: ['foregroundDeletion'] }), {
      propagationPolicy: 'Orphan',
    });
    expect(orphan.object.metadata.finalizers).toEqual(['orphan']);
  });

  it('of an unscheduled pod is at once, of a running one graceful, and may only be shortened', () => {
    const spec = { terminationGracePeriodSeconds: 30, containers: [] };
    expect(decide('pods', object('Pod', {}, { spec })).outcome).toBe('deleted');
    const running = object('Pod', {}, { spec: { ...spec, nodeName: 'n' }, status: { phase: 'Running' } });
    const first = decide('pods', running);
    expect(first.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-05T10:00:30Z',
      deletionGracePeriodSeconds: 30,
    });
    expect(decide('pods', first.object, { gracePeriodSeconds: 60 }).outcome).toBe('pending');
    const shorter = decide('pods', first.object, { gracePeriodSeconds: 5 });
    expect(shorter.object.metadata.deletionTimestamp).toBe('2026-01-05T10:00:05Z');
    expect(decide('pods', first.object, { gracePeriodSeconds: 0 })).toMatchObject({ outcome: 'deleted', marked: true });
    const hasty = { ...running, spec: { ...running.spec, terminationGracePeriodSeconds: 0 } };
    expect(decide('pods', hasty).outcome).toBe('deleted');
    expect(decide('pods', hasty, { gracePeriodSeconds: 60 }).object.metadata.deletionGracePeriodSeconds).toBe(60);
  });

  it('minds its preconditions', () => {
    expect(() => decide('configmaps', object('ConfigMap'), { preconditions: { uid: 'other' } })).toThrow(
      'the UID in the precondition (other) does not match the UID in record (u)',
    );
    expect(() => decide('configmaps', object('ConfigMap'), { preconditions: { resourceVersion: '6' } })).toThrow(
      'the ResourceVersion in the precondition (6) does not match the ResourceVersion in record (7)',
    );
  });

  it('of a namespace waits for its content, and some may not be deleted', () => {
    const namespace = object('Namespace', {}, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    const { outcome, object: marked } = decide('namespaces', namespace);
    expect([outcome, marked.status.phase]).toEqual(['marked', 'Terminating']);
    expect(() => decide('namespaces', object('Namespace', { name: 'kube-system' }))).toThrow(
      'this namespace may not be deleted',
    );
  });
});

describe('who may refuse a deletion', () => {
  const dying = { deletionTimestamp: '2026-01-05T10:00:00Z' };
  /** Whether they are asked, and what comes of it. */
  function askedAbout(resource: string, current: KubeObject, options: Partial<DeleteOptions> = {}) {
    let asked = 0;
    const decide = () => decideDeletion(builtIn(resource), current, { ...PLAIN, ...options }, NOW, () => void asked++);
    try {
      return [decide().outcome, asked];
    } catch (error) {
      return [(error as Error).message, asked];
    }
  }

  it('is asked once about what comes to pass', () => {
    expect(askedAbout('configmaps', object('ConfigMap'))).toEqual(['deleted', 1]);
    expect(askedAbout('configmaps', object('ConfigMap', { finalizers: ['f'] }))).toEqual(['marked', 1]);
    expect(askedAbout('namespaces', object('Namespace'))).toEqual(['marked', 1]);
    expect(askedAbout('namespaces', object('Namespace', dying))).toEqual(['deleted', 1]);
    const definition = object('CustomResourceDefinition', {}, { status: {} });
    expect(askedAbout('customresourcedefinitions.apiextensions.k8s.io', definition)).toEqual(['marked', 1]);
  });

  it('is not asked about what does not', () => {
    const [refused, asked] = askedAbout('configmaps', object('ConfigMap'), { preconditions: { uid: 'other' } });
    expect([refused, asked]).toEqual([expect.stringContaining('the UID in the precondition (other)'), 0]);
    const waiting = object('Pod', { ...dying, deletionGracePeriodSeconds: 30 });
    expect(askedAbout('pods', waiting)).toEqual(['pending', 0]);
    const immortal = askedAbout('namespaces', object('Namespace', { name: 'default' }));
    expect(immortal).toEqual([expect.stringContaining('this namespace may not be deleted'), 0]);
    const emptied = askedAbout('namespaces', object('Namespace', dying, { spec: { finalizers: ['kubernetes'] } }));
    expect(emptied).toEqual([expect.stringContaining('ensuring all content is removed'), 0]);
  });
});
