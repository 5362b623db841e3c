/** The cluster as it was: a `Storage` that reads at one revision and writes nothing. */
import type { TxnResponse } from '../etcd/types.ts';
import { StatusError } from './status.ts';
import type { ReadResult, Storage, WatchStream } from './storage.ts';

const readOnly = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the past is read-only: only get and list are possible at a revision', {});

/**
 * Everything that `storage` held at `revision`. Reading throws etcd's own errors for a revision that is compacted or still to come;
 * a range that asks for an older revision of its own (a page's continuation) gets that.
 */
export function pastStorage(storage: Storage, revision: number): Storage {
  return {
    async read(ranges): Promise<ReadResult> {
      const result = await storage.read(ranges.map((range) => ({ ...range, revision: range.revision || revision })));
      return {
        ...result,
        revision,
        responses: result.responses.map((response) => ({ ...response, revision })),
      };
    },
    txn: (): Promise<TxnResponse> => Promise.reject(readOnly()),
    watch: (): Promise<WatchStream> => Promise.reject(readOnly()),
  };
}
