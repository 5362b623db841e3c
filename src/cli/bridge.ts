/** `diorama bridge etcd`: a loopback port at which real etcd clients find a cluster's store. */
import { parseArgs } from 'node:util';
import { Gateway } from './bridge/gateway.ts';
import { serveBridge } from './bridge/serve.ts';
import { tokenOption, urlOption } from './options.ts';

const LISTEN = '127.0.0.1:2379';
/** Seconds; etcd's own default. */
const PROGRESS_INTERVAL = '600';
/** Whoever reaches the port has the cluster's token, so nobody else's machine may. */
const LOOPBACK = /^(127(\.\d+){3}|\[::1\]|localhost):\d+$/;

export async function bridge(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      cluster: { type: 'string' },
      token: { type: 'string' },
      listen: { type: 'string', default: LISTEN },
      'watch-progress-notify-interval': { type: 'string', default: PROGRESS_INTERVAL },
    },
  });
  if (positionals.join(' ') !== 'etcd') throw new Error('the only bridge is `diorama bridge etcd`');
  if (!LOOPBACK.test(values.listen)) throw new Error(`--listen ${values.listen} is no port of this machine's own`);
  const progressSeconds = Number(values['watch-progress-notify-interval']);
  if (!(progressSeconds > 0)) throw new Error('--watch-progress-notify-interval is a number of seconds');
  const cluster = urlOption(values.cluster, 'cluster');
  const gateway = new Gateway(cluster, tokenOption(values.token));
  await gateway.call('/v3/maintenance/status', {});
  const { address, stop } = await serveBridge(gateway, values.listen, progressSeconds * 1000);
  console.log(`etcd's gRPC API of ${cluster} is at http://${address}. Ctrl-C ends it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}
