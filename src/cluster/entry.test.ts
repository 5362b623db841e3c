import { expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { forgetEntry, MAX_REMEMBERED_ENTRIES, openEntry } from './entry.ts';

/** How often each of the clusters was asked for its entry. */
function clusters(prefix: string) {
  const asked = new Map<string, number>();
  return async (i: number): Promise<number> => {
    const id = `${prefix}-${i}`;
    const entry: LooseObject = { config: { id } };
    const open = async (): Promise<LooseObject> => {
      asked.set(id, (asked.get(id) ?? 0) + 1);
      return entry;
    };
    expect((await openEntry({ open }, id))?.entry).toMatchObject({ config: { id } });
    return asked.get(id)!;
  };
}

it('remembers so many clusters, and the others are asked again', async () => {
  const open = clusters('remembered');
  for (let i = 0; i < MAX_REMEMBERED_ENTRIES; i++) expect(await open(i)).toBe(1);
  expect(await open(0)).toBe(1);
  expect(await open(MAX_REMEMBERED_ENTRIES)).toBe(1);
  expect(await open(1)).toBe(2);
});

it('asks again when what it remembers was wrong, and remembers no cluster that is not there', async () => {
  const open = clusters('forgotten');
  expect([await open(1), await open(1)]).toEqual([1, 1]);
  forgetEntry('forgotten-1');
  expect(await open(1)).toBe(2);
  expect(await openEntry({ open: async () => null }, 'none')).toBeNull();
});
