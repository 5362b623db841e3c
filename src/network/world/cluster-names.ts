/** The DNS of a live cluster, by the Corefile that its ConfigMap has. */
import type { View } from '../../objects/object.ts';
import { CorefileError, defaultCorefile, parseCorefile, type ServerBlock } from '../dns/corefile.ts';
import type { DnsQuestion } from '../dns/message.ts';
import { POD_NDOTS, podSearches, type Resolution, resolve } from '../dns/search.ts';
import { answer, type DnsServer } from '../dns/server.ts';
import { CLUSTER_DOMAIN } from '../interfaces/resolv-conf.ts';
import { Remembered } from './remembered.ts';

export class ClusterNames {
  readonly #blocks = new Remembered<readonly ServerBlock[]>();

  /** `now` in seconds. */
  server(view: View, now: number): DnsServer {
    const config = view.get('configmaps', 'kube-system', 'coredns');
    const corefile = config?.data?.Corefile;
    const blocks = this.#blocks.of([[config]], () => blocksOf(corefile ?? defaultCorefile(CLUSTER_DOMAIN)));
    return { blocks, view, serial: Math.floor(now) };
  }

  /** As a program in a pod of the namespace asks that has the kubelet's usual resolv.conf, and glibc. */
  resolve(server: DnsServer, question: DnsQuestion, namespace: string): Resolution {
    return resolve((asked) => answer(server, asked), question, {
      searches: podSearches(namespace, CLUSTER_DOMAIN),
      ndots: POD_NDOTS,
      libc: 'glibc',
    });
  }
}

/** A server whose file cannot be read goes on with what it had: nothing is known here but what it begins with. */
function blocksOf(corefile: string): readonly ServerBlock[] {
  try {
    return parseCorefile(corefile);
  } catch (error) {
    if (error instanceof CorefileError) return parseCorefile(defaultCorefile(CLUSTER_DOMAIN));
    throw error;
  }
}
