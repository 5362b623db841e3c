/** One write of a story: what it is about, what was done, and who did it. */
import type { Catalog } from '../catalog/catalog.ts';
import type { KeyValue, WatchEvent } from '../etcd/types.ts';
import type { StoryAuthor, StoryObject, StoryWrite } from '../objects/story.ts';
import type { KeptCause, Woken } from '../simulation/cause.ts';
import { parseObjectKey } from './stored-keys.ts';

/** What the change is about: after a deletion, what was there before. */
export const kvOf = ({ type, kv, prevKv }: WatchEvent): KeyValue => (type === 'PUT' ? kv : (prevKv ?? kv));

/** What is done to which object; one whose key is no object's has its key for a name. */
export function changeOf(catalog: Catalog, event: WatchEvent): Pick<StoryWrite, 'verb' | 'object'> {
  const key = parseObjectKey(catalog, event.kv.key);
  return { verb: verbOf(event), object: key ? shownObject(key) : { resource: '', name: event.kv.key } };
}

const verbOf = ({ type, kv }: WatchEvent): StoryWrite['verb'] =>
  type === 'DELETE' ? 'delete' : kv.version > 1 ? 'update' : 'create';

const shownObject = ({ resource, namespace, name }: Omit<Woken, 'revision'>): StoryObject => ({
  resource,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});

export function authorOf(cause: KeptCause | undefined): StoryAuthor {
  switch (cause?.kind) {
    case 'request':
      return { kind: 'client', ...cause.request };
    case 'reconcile': {
      const { name, key, manager, woken } = cause;
      const by = woken ? { woken: { ...shownObject(woken), revision: woken.revision } } : {};
      return { kind: 'component', name, key, manager, ...by };
    }
    case 'made':
      return { kind: 'cluster' };
    default:
      return { kind: 'unknown' };
  }
}
