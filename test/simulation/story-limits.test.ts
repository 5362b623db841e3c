/** How much a story holds, on either side of each bound. */
import { expect, it } from 'vitest';
import { MAX_OTHER_WRITES, MAX_OWNERS, MAX_RUN, MAX_STORY_CHARACTERS, storyOf } from '../../src/cluster/story.ts';
import { objectNamed } from '../../src/cluster/story-objects.ts';
import { causedBy } from '../../src/etcd/cause-log.ts';
import type { Store } from '../../src/etcd/store.ts';
import type { Story } from '../../src/objects/story.ts';
import type { Reconcile } from '../../src/simulation/cause.ts';
import { createSandbox } from './sandbox.ts';

const keyOf = (name: string): string => `/registry/configmaps/default/${name}`;

const text = (name: string, more: object = {}): string =>
  JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'default', uid: name, ...more } });

const put = (store: Store, name: string, more: object = {}): number =>
  store.put({ key: keyOf(name), value: text(name, more) }).revision;

/** The story of ConfigMap `m`, after `make`. */
function story(make: (store: Store) => void): Story {
  const { store, catalog } = createSandbox(0).cluster;
  store.atomically(() => make(store));
  return storyOf(store, catalog, objectNamed(catalog, 'cm/default/m')!)!;
}

const wokenBy = (revision: number, key: string): Reconcile => ({
  name: 'copier',
  key,
  manager: 'copier',
  woken: { resource: 'configmaps', namespace: 'default', name: 'm', revision },
  now: 0,
});

const others = ({ writes }: Story): number => writes.filter(({ relation }) => relation !== 'object').length;

it('has so many writes beside those of the object', () => {
  const heard = (by: number) =>
    story((store) => {
      const revision = put(store, 'm');
      for (let i = 0; i < by; i++) causedBy(store, wokenBy(revision, `${i}`), () => put(store, `o-${i}`));
    });
  const [some, more] = [heard(MAX_OTHER_WRITES), heard(MAX_OTHER_WRITES + 1)];
  expect([others(some), some.cut]).toEqual([MAX_OTHER_WRITES, false]);
  expect([others(more), more.cut]).toEqual([MAX_OTHER_WRITES, true]);
});

it('has so many writes of one cause', () => {
  const run = (of: number) =>
    story((store) => {
      const cause = wokenBy(put(store, 'm'), 'all');
      for (let i = 0; i < of; i++) causedBy(store, cause, () => put(store, `o-${i}`));
    });
  const [some, more] = [run(MAX_RUN), run(MAX_RUN + 1)];
  expect([others(some), some.cut]).toEqual([MAX_RUN, false]);
  expect([others(more), more.cut]).toEqual([MAX_RUN, true]);
});

it('goes back to so many owners, and to each once', () => {
  const owned = (by: number) =>
    story((store) => {
      const names = Array.from({ length: by }, (_, i) => `o-${i}`);
      const references = names.map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: name }));
      for (const name of names) put(store, name, { ownerReferences: references.slice(0, 1) });
      put(store, 'm', { ownerReferences: references });
    });
  const [some, more] = [owned(MAX_OWNERS), owned(MAX_OWNERS + 1)];
  expect([others(some), some.cut]).toEqual([MAX_OWNERS, false]);
  expect([others(more), more.cut]).toEqual([MAX_OWNERS, true]);
});

it('looks at so many characters for what changed', () => {
  const sized = (store: Store, length: number) =>
    put(store, 'm', { annotations: { a: 'x'.repeat(length - text('m', { annotations: { a: '' } }).length) } });
  const changed = (to: number) =>
    story((store) => {
      // Of a creation one text is looked at, of a change two.
      sized(store, MAX_STORY_CHARACTERS / 4);
      sized(store, to);
    });
  const [some, more] = [changed(MAX_STORY_CHARACTERS / 2), changed(MAX_STORY_CHARACTERS / 2 + 1)];
  const told = ({ writes }: Story): boolean[] => writes.map(({ diff }) => diff !== undefined);
  expect([told(some), some.cut]).toEqual([[true, true], false]);
  expect([told(more), more.cut]).toEqual([[true, false], true]);
});
