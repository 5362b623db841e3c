/** Waiting for a cluster to have done what there is to do. */
import type { ClusterClient } from './options.ts';

const TIMEOUT_SECONDS = 30;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

/**
 * Fulfilled when all that was asked of the cluster has had its consequences: controllers, scheduler and kubelets have nothing left to do at the
 * cluster's time. What is due later (a grace period, a back-off, a cron job) is not waited for; `advance` goes there.
 * @throws Error if that takes longer than `timeoutSeconds`, 30 by default.
 */
export async function waitUntilSettled(
  cluster: Pick<ClusterClient, 'clock'>,
  { timeoutSeconds = TIMEOUT_SECONDS }: { timeoutSeconds?: number } = {},
): Promise<void> {
  const until = Date.now() + timeoutSeconds * 1000;
  for (let pause = FIRST_PAUSE_MS; !(await cluster.clock()).settled; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (Date.now() > until) throw new Error(`the cluster has not come to rest within ${timeoutSeconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
