/**
 * A request works on one catalog from its beginning to its end: the one that is known when it comes. Its first read tells whether the
 * cluster has that one still; if not, nothing has been decided yet, and the request begins anew with the one that there is.
 */
import type { Catalog } from '../catalog/catalog.ts';
import type { RangeRequest, WatchRequest } from '../etcd/types.ts';
import type { ClientRequest } from '../simulation/cause.ts';
import type { Draws } from '../simulation/draws.ts';
import { type Holding, LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { tooManyRequests } from './answer/flow-control.ts';
import type { Outcome, Proposal, ReadResult, Storage, WatchStream } from './storage/storage.ts';
import { bodyRead } from './write/body.ts';

/** How often a request begins anew before its client is told to come back. */
export const MAX_CATALOGS = 10;

/** What was read has told of another catalog than the request was read by, and nothing was written yet. */
export class CatalogChanged extends Error {
  readonly revision: number;

  constructor(revision: number) {
    super(`the kinds are those of revision ${revision}`);
    this.revision = revision;
  }
}

class StorageOfOneCatalog implements Storage {
  readonly isReadOnly: boolean;
  readonly catalog: Catalog;
  readonly draws: Draws;
  readonly held?: Holding;
  readonly #storage: Storage;
  readonly #request: ClientRequest;
  #isChecked = false;

  constructor(storage: Storage, request: ClientRequest) {
    this.#storage = storage;
    this.#request = request;
    this.isReadOnly = storage.isReadOnly ?? false;
    this.catalog = storage.catalog;
    this.draws = storage.draws;
    if (storage.held) this.held = storage.held;
  }

  read(ranges: RangeRequest[]): Promise<ReadResult> {
    const result = this.#storage.read(ranges);
    return this.#isChecked ? result : result.then((first) => this.#check(first));
  }

  #check(result: ReadResult): ReadResult {
    if (result.catalogRevision !== this.catalog.revision) throw new CatalogChanged(result.catalogRevision);
    this.#isChecked = true;
    return result;
  }

  renewCatalog(): Promise<void> {
    return Promise.reject(new Error('a request has one catalog'));
  }

  propose(proposal: Proposal): Promise<Outcome> {
    return this.#storage.propose({ ...proposal, request: this.#request });
  }

  release(turn: number): Promise<void> {
    return this.#storage.release(turn);
  }

  watch(request: WatchRequest): Promise<WatchStream> {
    return this.#storage.watch(request);
  }
}

/**
 * Has a request served by one catalog; what is written, it is written for. `serve` may be called more than once, as long as it has only read. What it catches it must pass on
 * if `isOfOtherCatalog`. @throws StatusError 429
 */
export function onOneCatalog<T>(
  storage: Storage,
  request: ClientRequest,
  serve: (one: Storage) => Promise<T>,
  served = 1,
): Promise<T> {
  return serve(new StorageOfOneCatalog(storage, request)).catch(async (error: unknown) => {
    if (!(error instanceof CatalogChanged)) throw error;
    if (served === MAX_CATALOGS) throw tooManyRequests(1);
    await storage.renewCatalog(error.revision);
    return onOneCatalog(storage, request, serve, served + 1);
  });
}

export const isOfOtherCatalog = (error: unknown): boolean => error instanceof CatalogChanged;

/** Whether the request has a body that cannot be read twice: before it is read the catalog must be known to be the right one. */
export function bringsLongBody(request: Request): boolean {
  const { body, headers } = request;
  if (!body || bodyRead(request)) return false;
  const length = headers.get('content-length');
  return length === null || Number(length) > LIGHT_BYTES;
}
