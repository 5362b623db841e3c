import { describe, expect, it } from 'vitest';
import type { StatusError } from '../../objects/status.ts';
import { MAX_TOLD_UNREADABLE, UnreadableError, Unreadables } from './unreadable.ts';

function told(count: number): StatusError['status'] {
  const unreadables = new Unreadables();
  for (let i = 0; i < count; i++)
    unreadables.read(() => {
      throw new UnreadableError(`/registry/configmaps/default/${i}`, i, 'garbage');
    });
  try {
    unreadables.check({ group: 'apps', resource: 'deployments' });
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('nothing was told');
}

describe('what of a list can not be read', () => {
  it('is told up to a number, and that there is more', () => {
    const some = told(MAX_TOLD_UNREADABLE - 1);
    expect(some.details!.causes).toHaveLength(MAX_TOLD_UNREADABLE - 1);
    expect(some.details).toMatchObject({ group: 'apps', kind: 'deployments', name: 'list' });
    for (const count of [MAX_TOLD_UNREADABLE, MAX_TOLD_UNREADABLE + 7]) {
      const causes = told(count).details!.causes!;
      expect(causes).toHaveLength(MAX_TOLD_UNREADABLE + 1);
      expect(causes.at(-1)).toEqual({ reason: 'FieldValueTooMany', message: 'too many errors, the list is truncated' });
    }
  });

  it('is nothing where all could be read', () => {
    const unreadables = new Unreadables();
    expect(unreadables.read(() => 1)).toBe(1);
    unreadables.check({ group: '', resource: 'pods' });
  });
});
