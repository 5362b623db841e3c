/** Where a pod's containers run: what they are told of their pod, their node and their namespace. */
import type { Node, Pod, Service } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import type { SignPodToken } from '../../simulation/notary.ts';
import { ArgumentSpace } from './argument-space.ts';
import { ServiceVariables } from './service-variables.ts';

type Data = Readonly<Record<string, string>>;
type Source = 'configmaps' | 'secrets';

/** Where a pod's containers run, during one sync. */
export class Surround {
  readonly reader: View;
  readonly pod: Pod;
  readonly node: Node;
  readonly podIP: string;
  readonly hostIP: string;
  /** Who signs tokens for it; undefined: nobody. */
  readonly signToken: SignPodToken | undefined;
  readonly space = new ArgumentSpace();
  #services: ServiceVariables | undefined;
  readonly #sources = new Map<string, Data>();

  constructor(
    from: Pick<Surround, 'reader' | 'pod' | 'node' | 'podIP' | 'hostIP'> & Partial<Pick<Surround, 'signToken'>>,
  ) {
    this.reader = from.reader;
    this.pod = from.pod;
    this.node = from.node;
    this.podIP = from.podIP;
    this.hostIP = from.hostIP;
    this.signToken = from.signToken;
  }

  /** What the namespace's Services are to all of its containers: read once, however many ask. */
  get services(): ServiceVariables {
    this.#services ??= new ServiceVariables(servicesFor(this));
    return this.#services;
  }

  /** One text of a ConfigMap or Secret of the pod's namespace. */
  text(resource: Source, name: string, key: string): string | undefined {
    const data = this.#data(resource, name);
    if (!Object.hasOwn(data, key)) return undefined;
    const value = data[key]!;
    this.space.take(value.length);
    return resource === 'secrets' ? new TextDecoder().decode(decodeBase64(value)) : value;
  }

  /** The keys of its texts, sorted. */
  keys(resource: Source, name: string): string[] {
    return Object.keys(this.#data(resource, name)).sort();
  }

  /** Its texts, read once in a sync: to read a large one again costs as much as all the rest. */
  #data(resource: Source, name: string): Data {
    const id = `${resource}/${name}`;
    let data = this.#sources.get(id);
    if (!data) {
      data = (this.reader.get(resource, this.pod.metadata.namespace, name)?.data ?? {}) as Data;
      this.#sources.set(id, data);
    }
    return data;
  }
}

/** The Services of the pod's namespace, if it wants them, and always the API server's: that comes last, so that its address stands. */
function servicesFor({ reader, pod }: Surround): Service[] {
  const { namespace } = pod.metadata;
  const api = reader.get('services', 'default', 'kubernetes');
  const linked = pod.spec.enableServiceLinks === false ? [] : reader.list('services', namespace);
  return api ? [...linked, api] : [...linked];
}
