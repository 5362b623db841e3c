/** Commits what a writer elsewhere proposes on what it has read. */
import type { Proposal } from '../apiserver/storage/storage.ts';
import { causedBy } from './cause-log.ts';
import type { Store } from './store.ts';

/** What the API server does of itself, such as noting that a token was used. */
const API_SERVER = { name: 'kube-apiserver', key: '', manager: 'kube-apiserver' };

/**
 * The revision of the last step; undefined when a guard does not hold, and then nothing is changed. `now`: the cluster's time. Throws what
 * etcd refuses.
 */
export function commitProposal(store: Store, proposal: Proposal, now: number): number | undefined {
  const { request } = proposal;
  return causedBy(store, request ? { request, now } : { ...API_SERVER, now }, () => commitSteps(store, proposal));
}

/** The same for whoever has said what it is for. */
export function commitSteps(store: Store, { compare, steps }: Pick<Proposal, 'compare' | 'steps'>): number | undefined {
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
