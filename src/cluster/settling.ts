/** Waiting for a cluster to come to rest. */
import type { Running } from './running.ts';

/** For how long is waited, and how often it is looked, real milliseconds. */
const SETTLE_MS = 5000;
const SETTLE_POLL_MS = 1;

/** Fulfilled when nothing is to be done at this instant, or after a while. */
export async function settled(running: () => Running | undefined): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  const isBusy = (): boolean => running()?.cluster.idle(Date.now()) === false;
  while (isBusy() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
}
