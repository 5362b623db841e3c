/**
 * `kube-diorama bridge etcd`: a loopback port at which real etcd clients find a cluster's store. `kube-diorama bridge webhooks`: a cluster's
 * webhooks are called on this machine.
 */
import { httpsURL } from '../objects/webhook-call.ts';
import { Gateway } from './bridge/gateway.ts';
import { defineCommand, UsageError } from './command.ts';
import { address, required, SERVER, serverOption, TOKEN, tokenOption } from './options.ts';

const LISTEN = '127.0.0.1:2379';
/** Seconds; etcd's own default. */
const PROGRESS_INTERVAL = '600';
/** Whoever reaches the port has the cluster's token, so nobody else's machine may. */
const LOOPBACK = /^(127(\.\d+){3}|\[::1\]|localhost):\d+$/;

export const bridge = defineCommand({
  name: 'bridge',
  about:
    "Bring a cluster to this machine: `bridge etcd` serves etcd's gRPC API, for etcdctl and etcd's client libraries; `bridge webhooks` calls its webhooks here.",
  operands: { text: 'etcd or webhooks', most: 1 },
  options: {
    server: SERVER,
    cluster: { type: 'string', value: 'ID|URL', about: 'The cluster: its id, or its address http://…/clusters/ID.' },
    token: TOKEN,
    to: {
      type: 'string',
      value: 'URL,…',
      about: 'Of `bridge webhooks`: the https URLs that are called here, each with what lies below it.',
    },
    listen: { type: 'string', value: 'HOST:PORT', about: `A port of this machine's own; ${LISTEN} by default.` },
    'watch-progress-notify-interval': {
      type: 'string',
      value: 'SECONDS',
      about: `As etcd's option; ${PROGRESS_INTERVAL} by default.`,
    },
  },
  async run(values, [what]) {
    if (what !== 'etcd' && what !== 'webhooks')
      throw new UsageError('the bridges are `kube-diorama bridge etcd` and `kube-diorama bridge webhooks`');
    const cluster = clusterAddress(required(values.cluster, '--cluster'), values.server);
    const token = tokenOption(values.token);
    const stop = await (what === 'etcd'
      ? bridgeEtcd(cluster, token, values)
      : bridgeWebhooks(cluster, token, values.to));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  },
});

interface EtcdValues {
  listen?: string;
  'watch-progress-notify-interval'?: string;
}

async function bridgeEtcd(cluster: string, token: string, values: EtcdValues): Promise<() => void> {
  const { listen = LISTEN, 'watch-progress-notify-interval': interval = PROGRESS_INTERVAL } = values;
  if (!LOOPBACK.test(listen)) throw new UsageError(`--listen ${listen} is no port of this machine's own`);
  const progressSeconds = Number(interval);
  if (!(progressSeconds > 0)) throw new UsageError('--watch-progress-notify-interval is a number of seconds');
  const gateway = new Gateway(cluster, token);
  await gateway.call('/v3/maintenance/status', {});
  // What speaks gRPC takes its time to load, which the other commands need not wait for.
  const { serveBridge } = await import('./bridge/serve.ts');
  const { address: served, stop } = await serveBridge(gateway, listen, progressSeconds * 1000);
  console.log(`etcd's gRPC API of ${cluster} is at http://${served}. Ctrl-C ends it.`);
  return stop;
}

async function bridgeWebhooks(cluster: string, token: string, given: string | undefined): Promise<() => void> {
  const to = required(given, '--to').split(',');
  for (const url of to) if (!httpsURL(url)) throw new UsageError(`--to ${url} is no https URL`);
  const { openWebhookBridge } = await import('./bridge/webhooks.ts');
  const bridge = await openWebhookBridge({ cluster, token, to, told: console.log });
  console.log(`Webhooks of ${cluster} at ${to.join(', ')} are called from here. Ctrl-C ends it.`);
  return () => bridge.stop();
}

const clusterAddress = (cluster: string, server: string | undefined): string =>
  cluster.includes('/')
    ? address(cluster, '--cluster')
    : `${serverOption(server)}/clusters/${encodeURIComponent(cluster)}`;
