/** How long one Deployment takes until a watcher has seen all of its pods Running and Ready. */
import { Client } from './http.ts';

const LIMIT_MS = 60_000;

const isReady = (pod: any): boolean =>
  pod.status?.phase === 'Running' &&
  (pod.status.conditions ?? []).some((c: any) => c.type === 'Ready' && c.status === 'True');

/** Milliseconds from the POST of the Deployment to the event that completes the set. */
export async function deploymentUntilReady(base: string, token: string, replicas: number): Promise<number> {
  const client = new Client(base, token);
  const ready = new Set<string>();
  let complete: (at: number) => void = () => {};
  const done = new Promise<number>((resolve, reject) => {
    complete = resolve;
    setTimeout(
      () => reject(new Error(`${ready.size} of ${replicas} pods ready after ${LIMIT_MS} ms`)),
      LIMIT_MS,
    ).unref();
  });
  const stop = await new Client(base, token).watch('/api/v1/namespaces/default/pods?watch=true', (event) => {
    if (!isReady(event.object)) return;
    ready.add(event.object.metadata.name);
    if (ready.size === replicas) complete(performance.now());
  });
  const labels = { app: 'bench' };
  const from = performance.now();
  const reply = await client.send('POST', '/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'bench' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } },
    },
  });
  if (reply.status !== 201) throw new Error(`answered ${reply.status}: ${reply.body}`);
  const took = (await done) - from;
  stop();
  client.close();
  return took;
}
