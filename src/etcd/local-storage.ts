/** `Storage` over a store in the same process: for tests, tools and an API server that runs beside its store. */

import type { ReadResult, Storage, WatchStream } from '../apiserver/storage/storage.ts';
import type { ComponentStorage } from '../apiserver/write/component-write.ts';
import { Draws } from '../simulation/draws.ts';
import type { ChangeMark } from './change-mark.ts';
import { isWanted, wantsPrevious, withoutPrevious } from './history.ts';
import { commitProposal, commitSteps } from './propose.ts';
import type { Store } from './store.ts';
import { Turns } from './turns.ts';
import type { Mark, RangeRequest, WatchBatch, WatchRequest } from './types.ts';

/** Batches that a reader may be behind before its watch is ended. */
export const MAX_QUEUED_BATCHES = 1000;

export interface LocalStorageOptions {
  /** The cluster's time, milliseconds since 1970. */
  now(): number;
  /** The kinds that there are at the moment. */
  catalog(): Storage['catalog'];
  /** The mark of the roles and bindings, if one is kept. */
  policy?: ChangeMark;
  /** The same of admission policies and webhooks. */
  admission?: { value: Mark | null };
}

export function storeStorage(store: Store, { now, catalog, policy, admission }: LocalStorageOptions): Storage {
  const read = (ranges: RangeRequest[]): ReadResult => ({
    revision: store.revision,
    now: now(),
    catalogRevision: catalog().revision,
    responses: ranges.map((request) => store.range(request)),
    ...(policy ? { policy: policy.value } : {}),
    ...(admission ? { admission: admission.value } : {}),
  });
  const turns = new Turns({
    commit: (proposal) => commitProposal(store, proposal, now()),
    read,
    // Who decides in this process is never gone.
    after: () => () => undefined,
  });
  return {
    draws: new Draws(),
    get catalog() {
      return catalog();
    },
    renewCatalog: async () => undefined,
    read: async (ranges) => read(ranges),
    propose: async (proposal) => (await turns.propose(proposal))!,
    release: async (turn) => turns.release(turn),
    async watch(request) {
      return watchStore(store, request);
    },
  };
}

/** The store as the cluster's own components write to it. */
export const componentStorage = (store: Store): ComponentStorage => ({
  get revision() {
    return store.revision;
  },
  read: (key) => store.range({ key }).kvs[0],
  commit(steps) {
    const only = steps.length === 1 && steps[0]!.length === 1 ? steps[0]![0]! : undefined;
    if (only && 'put' in only) return store.sendPut(only.put);
    // Without a guard there is none that could not hold.
    return commitSteps(store, { compare: [], steps })!;
  },
});

/** A watch that starts with the history and goes on with the commits. A reader that falls behind is ended. */
export function watchStore(store: Store, request: WatchRequest): WatchStream {
  const queue: WatchBatch[] = [];
  let wake: (() => void) | undefined;
  let over = false;
  let next = request.startRevision || store.revision + 1;
  let isTooSlow = (): void => {};
  const tooSlow = new Promise<void>((resolve) => {
    isTooSlow = resolve;
  });

  const push = (batch: WatchBatch): void => {
    queue.push(batch);
    if (queue.length > MAX_QUEUED_BATCHES) {
      isTooSlow();
      close();
    }
    wake?.();
  };
  const unsubscribe = store.subscribe((commit) => {
    if (commit.revision < next) return;
    const events = commit.events.filter((event) => isWanted(request, event));
    if (events.length === 0) return;
    push({
      revision: commit.revision,
      events: events.map((event) => (wantsPrevious(request, event) ? event : withoutPrevious(event))),
    });
  });
  const close = (): void => {
    over = true;
    unsubscribe();
    wake?.();
  };

  let sub = request.startSub ?? 0;
  while (next <= store.revision) {
    const batch: WatchBatch = store.history({ ...request, startRevision: next, startSub: sub });
    if (batch.events.length > 0 || batch.compactRevision !== undefined) queue.push(batch);
    if (batch.compactRevision !== undefined) {
      close();
      break;
    }
    next = batch.revision + 1;
    sub = batch.sub ?? 0;
  }

  async function* batches(): AsyncGenerator<WatchBatch> {
    try {
      for (;;) {
        const batch = queue.shift();
        if (batch) yield batch;
        else if (over) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      }
    } finally {
      close();
    }
  }

  const stream = batches();
  return {
    [Symbol.asyncIterator]: () => stream,
    close,
    tooSlow,
    requestProgress: () => {
      if (!over) push({ revision: store.revision, events: [] });
    },
  };
}
