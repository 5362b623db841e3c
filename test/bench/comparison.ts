/**
 * Requests a second side by side: Diorama, the bare platform, and a real kube-apiserver where there is one. Shares are of one run on one
 * machine; numbers of different runs tell little.
 */

import { join } from 'node:path';
import type { Latencies } from './figures.ts';
import { Client } from './http.ts';
import { startRealServer } from './real-server.ts';
import type { RequestKind } from './requests.ts';
import { measureRows, prepareTargets, type Target } from './rows.ts';
import { startWorkerServer } from './worker-server.ts';

export interface Compared {
  row: RequestKind;
  connections: number;
  diorama: Latencies;
  /** Requests a second as a share of the bare platform's, and of the real server's if that was there. */
  ofBare: number;
  ofReal?: number;
}

/** `url` is Diorama's, and `folder` for the state of the others. */
export async function compareRows(url: string, folder: string): Promise<Compared[]> {
  const platform = new Client(url, '');
  const made = JSON.parse((await platform.send('POST', '/v1/clusters', { nodes: 0, profile: 'api' })).body);
  platform.close();
  const bare = await startWorkerServer(join(folder, 'bare'), {
    entry: 'bare-worker.ts',
    objects: { CLUSTER: 'BareCluster' },
  });
  const real = await startRealServer(folder).catch(async (error: unknown) => {
    await bare.stop();
    throw error;
  });
  if (!real) console.log('no kube-apiserver and etcd on the PATH: nothing is compared with the real server');
  try {
    const targets: Target[] = [
      { name: 'Diorama', url: `${url}/clusters/${made.id}`, token: made.token },
      { name: 'bare platform', url: bare.url, token: 'none' },
      ...(real ? [real] : []),
    ];
    await prepareTargets(targets);
    const compared: Compared[] = [];
    for (const connections of [1, 16])
      for (const { row, figures } of await measureRows(targets, connections)) {
        const [diorama, ofBare, ofReal] = figures as [Latencies, Latencies, Latencies | undefined];
        const share = (other: Latencies): number => diorama.perSecond / other.perSecond;
        compared.push({
          row,
          connections,
          diorama,
          ofBare: share(ofBare),
          ...(ofReal ? { ofReal: share(ofReal) } : {}),
        });
      }
    return compared;
  } finally {
    await bare.stop();
    await real?.stop();
  }
}
