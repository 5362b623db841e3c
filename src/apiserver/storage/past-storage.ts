/** The cluster as it was: a `Storage` that reads at one revision and writes nothing. */
import { ETCD_ERRORS, EtcdError } from '../../etcd/errors.ts';
import { StatusError } from '../../objects/status.ts';
import { tooLargeRevision } from '../read/list-scan.ts';
import type { ReadResult, Storage, WatchStream } from './storage.ts';

const readOnly = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the past is read-only: only get and list are possible at a revision', {});

/** A revision that is gone or still to come, in the API's words. */
async function unreadable(error: unknown, storage: Storage, revision: number): Promise<never> {
  if (error instanceof EtcdError && error.message === ETCD_ERRORS.compacted().message)
    throw new StatusError(410, 'Expired', `The resource version ${revision} is too old: it has been compacted.`);
  if (error instanceof EtcdError && error.message === ETCD_ERRORS.futureRevision().message)
    throw tooLargeRevision(revision, (await storage.read([])).revision);
  throw error;
}

/**
 * Everything that `storage` held at `revision`. Reading throws etcd's own errors for a revision that is compacted or still to come;
 * a range that asks for an older revision of its own (a page's continuation) gets that.
 */
export function pastStorage(storage: Storage, revision: number): Storage {
  return {
    isReadOnly: true,
    async read(ranges): Promise<ReadResult> {
      const result = await storage
        .read(ranges.map((range) => ({ ...range, revision: range.revision || revision })))
        .catch((error: unknown) => unreadable(error, storage, revision));
      const { policy: _ofNow, ...past } = result;
      return {
        ...past,
        // Nothing is written, so nobody is asked whether it may be.
        admission: null,
        revision,
        responses: result.responses.map((response) => ({ ...response, revision })),
      };
    },
    // The past is shown by the kinds that there are now.
    get catalog() {
      return storage.catalog;
    },
    renewCatalog: (catalogRevision) => storage.renewCatalog(catalogRevision),
    draws: storage.draws,
    ...(storage.held ? { held: storage.held } : {}),
    propose: () => Promise.reject(readOnly()),
    release: () => Promise.resolve(),
    watch: (): Promise<WatchStream> => Promise.reject(readOnly()),
  };
}
