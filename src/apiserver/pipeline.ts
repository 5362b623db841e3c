/**
 * What the verbs share: one batched read of what a decision needs, the decision, one transaction guarded by what was read, and again
 * from the start when a guard fails.
 */

import type { Catalog } from '../catalog/catalog.ts';
import type { CustomKind } from '../catalog/custom-kind.ts';
import { type Kind, storageKey, storagePrefix } from '../catalog/kinds.ts';
import type { Read, StageContext } from '../catalog/strategy.ts';
import type { Compare, KeyValue, Mark, RangeRequest, RangeResponse } from '../etcd/types.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { StatusError } from '../objects/status.ts';
import { builtIn } from '../resources/built-in.ts';
import { createRandom } from '../simulation/random.ts';
import { tooManyRequests } from './answer/flow-control.ts';
import type { Exchange } from './exchange.ts';
import { bringsLongBody, CatalogChanged } from './one-catalog.ts';
import type { Storage } from './storage/storage.ts';
import { parseStored } from './storage/stored.ts';
import { type Circumstances, chargeOf, type Decision, type Seen, stageContext, stepsOf } from './write/decision.ts';
import { type Keep, ReadView } from './write/read-view.ts';
import { webhookReads } from './write/webhook-admission.ts';

export type { Exchange, Timers } from './exchange.ts';

const QUOTAS = builtIn('resourcequotas');

/** Two are enough among clients; more are needed only as long as the cluster's own components come in between each time. */
export const MAX_DECISIONS = 1000;

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

/** Several views of one instant, with the mark of the policy at that instant. */
export async function readViews(
  storage: Storage,
  wanted: readonly Wanted[],
): Promise<{ views: ReadView[]; policy: Mark | undefined }> {
  const { catalog } = storage;
  const known = wanted.map(({ reads }) => rangesOf(reads, catalog));
  const { revision, responses, policy } = await storage.read(known.flat().map(({ range }) => range));
  const left = [...responses];
  const views = known.map((reads, i) =>
    viewOf(reads, new ReadView(revision, catalog, wanted[i]!.keep), left.splice(0, reads.length)),
  );
  return { views, policy };
}

function rangesOf(reads: readonly Read[], catalog: Catalog): { read: Read; range: RangeRequest }[] {
  return reads.flatMap((read) => {
    const range = rangeOf(read, catalog);
    return range ? [{ read, range }] : [];
  });
}

function viewOf(reads: readonly { read: Read }[], view: ReadView, responses: readonly RangeResponse[]): ReadView {
  for (const [i, { read }] of reads.entries()) view.add(read.resource, responses[i]!.kvs);
  return view;
}

/**
 * Reads, decides and proposes until the guards hold. `name` is absent where the decision makes it.
 * Who was overtaken decides again on what there is by then, so that a client hears of a conflict only where it set a condition.
 */
export async function commit<T>(
  exchange: Exchange,
  wishes: Read[],
  name: string | undefined,
  decide: (seen: Seen) => Decision<T>,
): Promise<T> {
  const { kind, namespace, storage } = exchange;
  const key = name === undefined ? undefined : storageKey(kind, namespace, name);
  const reads = rangesOf(exchange.webhooks ? [...wishes, ...webhookReads(namespace)] : wishes, storage.catalog);
  const ranges = reads.map(({ range }) => range);
  if (key !== undefined) ranges.push({ key });
  const warned = [...exchange.warnings];
  let result = await storage.read(ranges);
  let turn: number | undefined;
  try {
    for (let attempt = 0; attempt < MAX_DECISIONS; attempt++) {
      exchange.warnings.splice(0, Number.POSITIVE_INFINITY, ...warned);
      const view = viewOf(reads, new ReadView(result.revision, storage.catalog), result.responses);
      const kv = key === undefined ? undefined : result.responses.at(-1)!.kvs[0];
      const chance = drawing(exchange, view.revision, attempt, result.now);
      try {
        const charged: KubeObject[] = [];
        const { now } = result;
        const context = contextOf(exchange, { now, random: chance.random, view, config: exchange.config, charged });
        if (kv && kv.createRevision === kv.modRevision) context.untouched = true;
        const decision = decide({ now, ...seenOf(kind, kv), view, context });
        if (decision.operations.length === 0 || exchange.dryRun) return decision.answer(kv?.modRevision ?? 0);
        const compare = ranges.map((range, i) => guard(range, result.responses[i]!.kvs, result.revision));
        for (const operation of decision.operations)
          if ('put' in operation && operation.put.key !== key && key === undefined)
            compare.push({ key: operation.put.key, target: 'MOD', result: 'EQUAL', value: 0 });
        const charges = charged.map((quota) => chargeOf(QUOTAS, quota));
        for (const [i, { key }] of charges.entries())
          compare.push({ key, target: 'MOD', result: 'EQUAL', value: Number(charged[i]!.metadata.resourceVersion) });
        if (kind.custom) compare.push(guardOfDefinition(kind.custom));
        const held = turn;
        turn = undefined;
        const outcome = await storage.propose({
          ranges,
          compare,
          steps: stepsOf(charges, decision.operations),
          ...(key === undefined ? { draw: chance.purpose } : {}),
          ...(held === undefined ? {} : { turn: held }),
        });
        if ('revision' in outcome) return decision.answer(outcome.revision);
        if ('busy' in outcome) throw tooManyRequests(1);
        ({ again: result, turn } = outcome);
        // What was decided by a definition that is gone is decided anew, from the beginning.
        if (kind.custom && result.catalogRevision !== storage.catalog.revision)
          throw bringsLongBody(exchange.request) ? tooManyRequests(1) : new CatalogChanged(result.catalogRevision);
      } finally {
        chance.done();
      }
    }
  } finally {
    if (turn !== undefined) await storage.release(turn);
  }
  throw timedOut();
}

export const timedOut = (): StatusError =>
  new StatusError(
    504,
    'Timeout',
    'Timeout: request did not complete within requested timeout - context deadline exceeded',
    {},
  );

const guardOfDefinition = ({ definition: { key, revision } }: CustomKind): Compare => ({
  key,
  target: 'MOD',
  result: 'EQUAL',
  value: revision,
});

/** What was read must still be so: one key exactly, and of many that none is newer. */
function guard({ key, rangeEnd }: RangeRequest, kvs: KeyValue[], revision: number): Compare {
  return rangeEnd === undefined
    ? { key, target: 'MOD', result: 'EQUAL', value: kvs[0]?.modRevision ?? 0 }
    : { key, rangeEnd, target: 'MOD', result: 'LESS', value: revision + 1 };
}

/** The chance of one decision; `done` when it has come to its end. */
function drawing(exchange: Exchange, revision: number, attempt: number, now: number) {
  const { kind, namespace, name, verb, config, storage } = exchange;
  // A dry run leaves no revision behind it, and draws what no other request does.
  const dry = exchange.dryRun ? `dry/${now}/` : '';
  const { purpose, done } = storage.draws.take(
    `${dry}${revision}/${attempt}/${verb}/${kind.resource}.${kind.group}/${namespace ?? ''}/${name ?? ''}`,
  );
  return { purpose, random: createRandom(config.seed, purpose), done };
}

function seenOf(kind: Kind, kv: KeyValue | undefined): Pick<Seen, 'current' | 'text'> {
  if (!kv) return { current: undefined };
  const current = parseStored(kind, kv);
  return typeof kv.value === 'string' ? { current, text: kv.value } : { current };
}

/** What the stages know of a request. */
function contextOf(exchange: Exchange, circumstances: Circumstances): StageContext {
  const { namespace, name, subresource, examined } = exchange;
  return {
    ...stageContext(circumstances),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(examined ? { examined } : {}),
    ...(subresource === undefined ? {} : { subresource }),
    dryRun: exchange.dryRun,
    requester: exchange.identity,
    warn: (text) => void exchange.warnings.push(text),
  };
}
