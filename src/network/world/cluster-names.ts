/** The DNS of a live cluster, by the Corefile that its ConfigMap has. */
import type { View } from '../../objects/object.ts';
import { CorefileError, defaultCorefile, parseCorefile, type ServerBlock } from '../dns/corefile.ts';
import type { DnsQuestion } from '../dns/message.ts';
import { POD_NDOTS, podSearches, type Resolution, resolve } from '../dns/search.ts';
import { answer, type DnsServer } from '../dns/server.ts';
import { Remembered } from './remembered.ts';

const DOMAIN = 'cluster.local';

export interface AskedBy {
  /** Of the pod that asks. */
  namespace: string;
  libc?: 'glibc' | 'musl';
  /** Where its resolv.conf says something else than the kubelet's usual. */
  searches?: readonly string[];
  ndots?: number;
}

export class ClusterNames {
  readonly #blocks = new Remembered<readonly ServerBlock[]>();

  /** `now` in seconds. */
  server(view: View, now: number, upstream?: DnsServer['upstream']): DnsServer {
    const config = view.get('configmaps', 'kube-system', 'coredns');
    const corefile = config?.data?.Corefile;
    const blocks = this.#blocks.of([[config]], () => blocksOf(corefile ?? defaultCorefile(DOMAIN)));
    return { blocks, view, serial: Math.floor(now), ...(upstream ? { upstream } : {}) };
  }

  /** As a program in a pod asks. */
  resolve(server: DnsServer, question: DnsQuestion, { namespace, libc, searches, ndots }: AskedBy): Resolution {
    return resolve((asked) => answer(server, asked), question, {
      searches: searches ?? podSearches(namespace, DOMAIN),
      ndots: ndots ?? POD_NDOTS,
      libc: libc ?? 'glibc',
    });
  }
}

/** A server whose file cannot be read goes on with what it had: nothing is known here but what it begins with. */
function blocksOf(corefile: string): readonly ServerBlock[] {
  try {
    return parseCorefile(corefile);
  } catch (error) {
    if (error instanceof CorefileError) return parseCorefile(defaultCorefile(DOMAIN));
    throw error;
  }
}
