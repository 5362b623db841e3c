/** A cluster's beginning: the state that it can be set back to, which is that of its making with the manifests that came with it. */
import { clearDueStorage } from '../simulation/due-storage.ts';
import { resetClock } from './clock.ts';
import { forgetFaults } from './faults.ts';
import { type Life, storeLife } from './life.ts';
import type { Running } from './running.ts';

/** What there is now is the beginning. */
export function markBeginning({ life, cluster }: Running, storage: DurableObjectStorage): void {
  life.beginning = cluster.now(Date.now());
  storage.transactionSync(() => {
    cluster.store.markBeginning();
    storeLife(storage, life);
  });
}

/** When the cluster's time began; undefined: it has no beginning that it could go back to. */
export const beginningOf = ({ life, cluster }: Running): number | undefined =>
  cluster.store.hasBeginning ? life.beginning : undefined;

/** Puts back what there was at `beginning`, all of it or nothing. The cluster must have been ended; its life from then on is stored. */
export function returnToBeginning(
  { life, cluster }: Pick<Running, 'life' | 'cluster'>,
  beginning: number,
  storage: DurableObjectStorage,
): void {
  // Another epoch: whoever has read of the time before is to begin anew.
  const again: Life = { ...life, epoch: crypto.randomUUID() };
  storage.transactionSync(() => {
    cluster.store.returnToBeginning();
    clearDueStorage(cluster.store.sql);
    forgetFaults(cluster);
    resetClock(storage.kv, beginning, life.spec.clock, Date.now());
    storeLife(storage, again);
  });
}
