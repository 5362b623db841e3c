import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import {
  byRevision,
  inheritedAnnotations,
  MAX_HISTORY_CHARACTERS,
  MAX_NAME_LENGTH,
  nextRevision,
  REVISION,
  setName,
} from './deployment-sets.ts';

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

  it('forgets the oldest of a history that gets too long', () => {
    const HISTORY = 'deployment.kubernetes.io/revision-history';
    const history = (characters: number): string => {
      const own = { [REVISION]: '8', [HISTORY]: `1,${'7'.repeat(characters - '1,,8'.length)}` };
      return inheritedAnnotations(deployment, own, '9')[HISTORY]!;
    };
    expect(history(MAX_HISTORY_CHARACTERS)).toHaveLength(MAX_HISTORY_CHARACTERS);
    expect(history(MAX_HISTORY_CHARACTERS)).toMatch(/^1,7+,8$/);
    expect(history(MAX_HISTORY_CHARACTERS + 1)).toMatch(/^7+,8$/);
  });

  it('is named after its Deployment, as far as there is room', () => {
    const named = (length: number): string =>
      setName({ ...deployment, metadata: { name: 'd'.repeat(length) } }, 'hash');
    const room = MAX_NAME_LENGTH - '-hash'.length;
    expect(named(room)).toBe(`${'d'.repeat(room)}-hash`);
    expect(named(room + 1)).toBe(named(room));
    expect(named(room)).toHaveLength(MAX_NAME_LENGTH);
  });

  it('says which set is the oldest, unless it is no number or the same', () => {
    const names = (...sets: KubeObject[]): string[] => sets.sort(byRevision).map(({ metadata }) => metadata.name);
    expect(names(set('10'), set('9'))).toEqual(['s-9', 's-10']);
    expect(names(set('9', 1), set('many', 5))).toEqual(['s-many', 's-9']);
  });
});
