/** What the verbs read with: ranges of resources, and views of what is in them. */

import type { Catalog } from '../catalog/catalog.ts';
import { storageKey, storagePrefix } from '../catalog/kinds.ts';
import type { Read } from '../catalog/strategy.ts';
import type { RangeRequest, RangeResponse } from '../etcd/types.ts';
import type { View } from '../objects/object.ts';
import type { ReadResult, Storage } from './storage/storage.ts';
import { type Keep, ReadView } from './write/read-view.ts';

export type { Exchange, Timers } from './exchange.ts';

export const prefixRange = (prefix: string): RangeRequest => ({ key: prefix, rangeEnd: afterPrefix(prefix) });

/** The smallest key after all keys with this prefix, which ends in `/`. */
export const afterPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** The range that answers a strategy's wish; undefined for a resource that does not exist. */
function rangeOf(read: Read, catalog: Catalog): RangeRequest | undefined {
  const kind = catalog.named(read.resource);
  if (!kind) return undefined;
  return read.name === undefined
    ? prefixRange(storagePrefix(kind, read.namespace))
    : { key: storageKey(kind, read.namespace, read.name) };
}

/** All that `reads` ask for, at one instant, as a view. */
export const readView = async (storage: Storage, reads: readonly Read[]): Promise<View> =>
  (await readViews(storage, [{ reads }])).views[0]!;

/** What goes into a view; `keep`: what of each object, all of it unless said. */
export interface Wanted {
  reads: readonly Read[];
  keep?: Keep;
}

/** Several views of one instant, with the marks of that instant. */
export async function readViews(
  storage: Storage,
  wanted: readonly Wanted[],
): Promise<{ views: ReadView[] } & Pick<ReadResult, 'policy' | 'admission'>> {
  const { catalog } = storage;
  const known = wanted.map(({ reads }) => rangesOf(reads, catalog));
  const { revision, responses, policy, admission } = await storage.read(known.flat().map(({ range }) => range));
  const left = [...responses];
  const views = known.map((reads, i) =>
    viewOf(reads, new ReadView(revision, catalog, wanted[i]!.keep), left.splice(0, reads.length)),
  );
  return { views, ...(policy ? { policy } : {}), ...(admission ? { admission } : {}) };
}

/** What of the reads there is a resource for, with its range. */
export function rangesOf(reads: readonly Read[], catalog: Catalog): { read: Read; range: RangeRequest }[] {
  return reads.flatMap((read) => {
    const range = rangeOf(read, catalog);
    return range ? [{ read, range }] : [];
  });
}

/** What was read, by the responses to those ranges. */
export function viewOf(
  reads: readonly { read: Read }[],
  view: ReadView,
  responses: readonly RangeResponse[],
): ReadView {
  for (const [i, { read }] of reads.entries()) view.add(read.resource, responses[i]!.kvs);
  return view;
}
