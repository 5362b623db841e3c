/** `kube-diorama bridge etcd`: a loopback port at which real etcd clients find a cluster's store. */
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
  about: "Serve etcd's gRPC API for a cluster, for etcdctl and etcd's client libraries: bridge etcd",
  operands: { text: 'etcd', most: 1 },
  options: {
    server: SERVER,
    cluster: { type: 'string', value: 'ID|URL', about: 'The cluster: its id, or its address http://…/clusters/ID.' },
    token: TOKEN,
    listen: { type: 'string', value: 'HOST:PORT', about: `A port of this machine's own; ${LISTEN} by default.` },
    'watch-progress-notify-interval': {
      type: 'string',
      value: 'SECONDS',
      about: `As etcd's option; ${PROGRESS_INTERVAL} by default.`,
    },
  },
  async run(values, [what]) {
    const { listen = LISTEN, 'watch-progress-notify-interval': interval = PROGRESS_INTERVAL } = values;
    if (what !== 'etcd') throw new UsageError('the only bridge is `kube-diorama bridge etcd`');
    if (!LOOPBACK.test(listen)) throw new UsageError(`--listen ${listen} is no port of this machine's own`);
    const progressSeconds = Number(interval);
    if (!(progressSeconds > 0)) throw new UsageError('--watch-progress-notify-interval is a number of seconds');
    const cluster = clusterAddress(required(values.cluster, '--cluster'), values.server);
    const gateway = new Gateway(cluster, tokenOption(values.token));
    await gateway.call('/v3/maintenance/status', {});
    // What speaks gRPC takes its time to load, which the other commands need not wait for.
    const { serveBridge } = await import('./bridge/serve.ts');
    const { address: served, stop } = await serveBridge(gateway, listen, progressSeconds * 1000);
    console.log(`etcd's gRPC API of ${cluster} is at http://${served}. Ctrl-C ends it.`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  },
});

const clusterAddress = (cluster: string, server: string | undefined): string =>
  cluster.includes('/')
    ? address(cluster, '--cluster')
    : `${serverOption(server)}/clusters/${encodeURIComponent(cluster)}`;
