/** get. */

import { storageKey } from '../../catalog/kinds.ts';
import { notFound } from '../../objects/status.ts';
import { objectBody, respond } from '../answer/encode.ts';
import { parseMinimumRevision } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { objectText, parseStored } from '../storage/stored.ts';
import { tooLargeRevision } from './list-scan.ts';

export async function get(exchange: Exchange): Promise<Response> {
  const { kind, namespace, name, storage, accepted, query, warnings } = exchange;
  const minimum = parseMinimumRevision(query.get('resourceVersion') ?? '');
  const { now, revision, responses } = await storage.read([{ key: storageKey(kind, namespace, name!) }]);
  if (minimum > revision) throw tooLargeRevision(minimum, revision);
  const kv = responses[0]!.kvs[0];
  if (!kv) throw notFound(kind, name!);
  if (!accepted.as && accepted.format === 'json') return respond(objectText(kind, kv), accepted, 200, warnings);
  return respond(objectBody(kind, parseStored(kind, kv), accepted, query, now), accepted, 200, warnings);
}
