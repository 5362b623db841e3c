/** list: what is read (list-scan.ts), in the form that is asked for (list-body.ts). */

import type { Splice } from '../../etcd/types.ts';
import { listOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { isStoredAsShown, itemSplice } from '../storage/stored.ts';
import { type ListMetadata, listForm, respondInParts, respondWhole } from './list-body.ts';
import { Gathered, type ListPart, PART_BYTES, type ScanOptions, scanList } from './list-scan.ts';
import { type Selector, selectorOf } from './selection.ts';

export async function list(exchange: Exchange): Promise<Response> {
  const options = listOptions(exchange.query);
  const selector = selectorOf(exchange, options);
  const scan = (how?: ScanOptions) => scanList(exchange, options, selector, how);
  const parts = scan({ splice: spliceOf(exchange, selector) });
  const first = (await parts.next()).value as ListPart;
  if (first.end) return respondGathered(exchange, first);
  const place = { revision: first.revision, now: first.now };
  // A list says in its beginning where it ends.
  let end: NonNullable<ListPart['end']> = {};
  if (options.limit > 0) {
    const gathered = new Gathered();
    gathered.add(first);
    for await (const part of parts) {
      gathered.add(part);
      end = part.end ?? end;
    }
    if (gathered.whole) return respondGathered(exchange, gathered.whole);
  }
  await parts.return(undefined);
  // What was read is let go of: from here on there is a part at a time.
  exchange.storage.held?.give();
  return respondAgain(exchange, place, end, scan);
}

/** How what is stored may be passed on unread: as JSON of all that there is. */
function spliceOf({ kind, accepted }: Exchange, { matchesAll }: Selector): Splice | undefined {
  const isPassedOn = matchesAll && !accepted.as && accepted.format === 'json' && !accepted.pretty;
  return isPassedOn && isStoredAsShown(kind) ? itemSplice(kind) : undefined;
}

type Place = Pick<ListPart, 'revision' | 'now'>;

const metadataOf = (revision: number, end: NonNullable<ListPart['end']>): ListMetadata => ({
  resourceVersion: String(revision),
  ...(end.continue === undefined ? {} : { continue: end.continue }),
  ...(end.remaining === undefined ? {} : { remainingItemCount: end.remaining }),
});

const respondGathered = (exchange: Exchange, part: ListPart): Response =>
  respondWhole(exchange, listForm(exchange, metadataOf(part.revision, part.end!), part.now), part);

/** Apart, so that nothing of the answer holds on to what was read before it. */
function respondAgain(
  exchange: Exchange,
  { revision, now }: Place,
  end: NonNullable<ListPart['end']>,
  scan: (how: ScanOptions) => AsyncIterable<ListPart>,
): Promise<Response> {
  const form = listForm(exchange, metadataOf(revision, end), now);
  return respondInParts(exchange, form, () => scan({ again: revision, firstPartBytes: PART_BYTES }));
}
