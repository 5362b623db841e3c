import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../test/loose-object.ts';
import { byRevision, inheritedAnnotations, nextRevision, REVISION } from './deployment-sets.ts';

const set = (revision?: string, age = 0): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `s-${revision}`,
    creationTimestamp: new Date(Date.UTC(2026, 0, 5) - age * 1000).toISOString(),
    ...(revision === undefined ? {} : { annotations: { [REVISION]: revision } }),
  },
});

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } } as KubeObject;

describe('the revision of a ReplicaSet', () => {
  it('follows those before to the last of its 64 bits', () => {
    expect(nextRevision([])).toBe('1');
    expect(nextRevision([set('3546343826724305832'), set('7'), set()])).toBe('3546343826724305833');
    expect(nextRevision([set('many'), set('2')])).toBe('3');
  });

  it('replaces a smaller one, which goes into the history', () => {
    const fresh = '3546343826724305833';
    expect(inheritedAnnotations(deployment, { [REVISION]: '3546343826724305832' }, fresh)).toEqual({
      [REVISION]: fresh,
      'deployment.kubernetes.io/revision-history': '3546343826724305832',
    });
    expect(inheritedAnnotations(deployment, { [REVISION]: fresh }, '3546343826724305832')).toEqual({
      [REVISION]: fresh,
    });
    expect(inheritedAnnotations(deployment, { [REVISION]: 'many' }, fresh)).toEqual({ [REVISION]: 'many' });
    expect(inheritedAnnotations(deployment, {}, '1')).toEqual({ [REVISION]: '1' });
  });

  it('says which set is the oldest, unless it is no number or the same', () => {
    const names = (...sets: KubeObject[]): string[] => sets.sort(byRevision).map(({ metadata }) => metadata.name);
    expect(names(set('10'), set('9'))).toEqual(['s-9', 's-10']);
    expect(names(set('9', 1), set('many', 5))).toEqual(['s-many', 's-9']);
  });
});
