/** Commits what a writer elsewhere proposes on what it has read. */
import type { Proposal } from '../apiserver/storage/storage.ts';
import type { Store } from './store.ts';

/** The revision of the last step; undefined when a guard does not hold, and then nothing is changed. Throws what etcd refuses. */
export function commitProposal(store: Store, { compare, steps }: Proposal): number | undefined {
  const run = (): number | undefined => {
    let revision: number | undefined;
    for (const [i, success] of steps.entries()) {
      const response = store.send({ compare: i === 0 ? compare : [], success });
      if (!response.succeeded) return undefined;
      revision = response.revision;
    }
    return revision;
  };
  return steps.length === 1 ? run() : store.atomically(run);
}
