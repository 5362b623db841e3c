/** Waiting for a cluster to come to rest. */

/** For how long, and how often it is looked, real milliseconds. */
const SETTLE_MS = 5000;
const SETTLE_POLL_MS = 1;

/** Fulfilled when nothing is to be done at this instant, or after a while. */
export async function settled(isIdle: () => boolean): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  while (!isIdle() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
}
