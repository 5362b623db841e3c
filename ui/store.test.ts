import { describe, expect, it } from 'vitest';
import { Collection, type WatchEvent } from './store.ts';

describe('a collection', () => {
  const object = (name: string, resourceVersion = '1') => ({ metadata: { name, namespace: 'x', resourceVersion } });
  const end: WatchEvent = {
    type: 'BOOKMARK',
    object: { metadata: { name: '', resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } },
  };

  it('follows a watch, and knows where it is to go on', () => {
    const pods = new Collection();
    pods.begin();
    expect(pods.take({ type: 'ADDED', object: object('a', '5') })).toBe('5');
    expect(pods.complete).toBe(false);
    expect(pods.take(end)).toBe('9');
    expect([pods.complete, [...pods.objects.keys()], [...pods.dirty]]).toEqual([true, ['x/a'], ['x/a']]);
    pods.take({ type: 'DELETED', object: object('a', '10') });
    expect(pods.objects.size).toBe(0);
    expect(pods.take({ type: 'ERROR', object: {} as never })).toBeUndefined();
  });

  it('loses what is gone when its watch has to begin anew, and nothing before', () => {
    const pods = new Collection();
    pods.begin();
    for (const name of ['a', 'b']) pods.take({ type: 'ADDED', object: object(name) });
    pods.take(end);
    pods.dirty.clear();
    pods.begin();
    pods.take({ type: 'ADDED', object: object('b') });
    expect(pods.objects.size).toBe(2);
    pods.take(end);
    expect([[...pods.objects.keys()], [...pods.dirty].sort()]).toEqual([['x/b'], ['x/a', 'x/b']]);
  });
});
