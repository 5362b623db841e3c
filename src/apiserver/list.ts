/** list: what is read (list-scan.ts), in the form that is asked for (list-body.ts). */
import { type ListMetadata, listForm, respondInParts, respondWhole } from './list-body.ts';
import { Gathered, type ListPart, type ScanOptions, scanList } from './list-scan.ts';
import { listOptions } from './options.ts';
import type { Exchange } from './pipeline.ts';
import { selectorOf } from './selection.ts';

export async function list(exchange: Exchange): Promise<Response> {
  const options = listOptions(exchange.query);
  const selector = selectorOf(exchange, options);
  const scan = (how?: ScanOptions) => scanList(exchange, options, selector, how);
  const parts = scan();
  const first = (await parts.next()).value as ListPart;
  const metadataOf = (end: NonNullable<ListPart['end']>): ListMetadata => ({
    resourceVersion: String(first.revision),
    ...(end.continue === undefined ? {} : { continue: end.continue }),
    ...(end.remaining === undefined ? {} : { remainingItemCount: end.remaining }),
  });
  const respondGathered = (part: ListPart) =>
    respondWhole(exchange, listForm(exchange, metadataOf(part.end!), first.now), part);
  if (first.end) return respondGathered(first);
  // A list says in its beginning where it ends.
  let end: ListPart['end'] = {};
  if (options.limit > 0) {
    const gathered = new Gathered();
    gathered.add(first);
    for await (const part of parts) {
      gathered.add(part);
      end = part.end ?? end;
    }
    if (gathered.whole) return respondGathered(gathered.whole);
  }
  await parts.return(undefined);
  const form = listForm(exchange, metadataOf(end), first.now);
  return respondInParts(exchange, form, () => scan({ again: first.revision }));
}
