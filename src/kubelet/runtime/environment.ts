/**
 * A container's environment: what its spec says, what it refers to, and the namespace's Services. A ConfigMap may have as many keys as it
 * likes, and any number of containers may take all of them: so what is asked for is looked up, and nothing is gathered.
 * Models pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables).
 */
import type {
  Container,
  EnvFromSource,
  EnvVar,
  Node,
  Pod,
  Service,
} from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { ArgumentSpace } from './argument-space.ts';
import { fieldValue, resourceValue } from './downward.ts';
import { ServiceVariables } from './service-variables.ts';
import { expandReferences, referenceTo } from './variable-references.ts';

type Data = Readonly<Record<string, string>>;
type Source = 'configmaps' | 'secrets';

/** Where a pod's containers run, during one sync. */
export class Surround {
  readonly reader: View;
  readonly pod: Pod;
  readonly node: Node;
  readonly podIP: string;
  readonly hostIP: string;
  readonly space = new ArgumentSpace();
  #services: ServiceVariables | undefined;
  readonly #sources = new Map<string, Data>();

  constructor(from: Pick<Surround, 'reader' | 'pod' | 'node' | 'podIP' | 'hostIP'>) {
    this.reader = from.reader;
    this.pod = from.pod;
    this.node = from.node;
    this.podIP = from.podIP;
    this.hostIP = from.hostIP;
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

/** Its variables by name; sources that are not there, and are optional, set none. */
export class Environment {
  readonly #around: Surround;
  readonly #whole: readonly EnvFromSource[];
  /** What stands before all else, as far as it has come. */
  readonly #own = new Map<string, string>();

  /** @throws ArgumentsTooLong */
  constructor(around: Surround, container: Container) {
    this.#around = around;
    // The later ones come first.
    this.#whole = [...(container.envFrom ?? [])].reverse();
    const lookUp = referenceTo((name) => this.get(name));
    for (const variable of container.env ?? []) {
      const value = variable.value
        ? expandReferences(variable.value, lookUp, around.space)
        : sourceValue(around, container, variable);
      if (value !== undefined) this.#own.set(variable.name, value);
    }
  }

  /** @throws ArgumentsTooLong */
  get(name: string): string | undefined {
    const { services, space } = this.#around;
    space.take(1 + this.#whole.length);
    const value = this.#own.get(name) ?? this.#fromWhole(name);
    if (value !== undefined) return value;
    space.take(services.size);
    return services.get(name);
  }

  /** All of them in order: what is taken whole, then its own, then the Services'. @throws ArgumentsTooLong */
  all(): Map<string, string> {
    const { services, space } = this.#around;
    const variables = new Map<string, string>();
    const set = (name: string, value: string): void => {
      space.take(name.length + value.length);
      variables.set(name, value);
    };
    for (const { prefix = '', configMapRef, secretRef } of [...this.#whole].reverse()) {
      const resource = configMapRef ? 'configmaps' : 'secrets';
      const source = (configMapRef ?? secretRef)?.name ?? '';
      for (const key of this.#around.keys(resource, source))
        set(`${prefix}${key}`, this.#around.text(resource, source, key) ?? '');
    }
    for (const [name, value] of this.#own) set(name, value);
    for (const [name, value] of services.all()) if (!variables.has(name)) set(name, value);
    return variables;
  }

  #fromWhole(name: string): string | undefined {
    for (const { prefix = '', configMapRef, secretRef } of this.#whole) {
      if (!name.startsWith(prefix)) continue;
      const key = name.slice(prefix.length);
      const value = configMapRef
        ? this.#around.text('configmaps', configMapRef.name ?? '', key)
        : this.#around.text('secrets', secretRef?.name ?? '', key);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** undefined: the variable is not set. */
function sourceValue(around: Surround, container: Container, { valueFrom }: EnvVar): string | undefined {
  if (!valueFrom) return '';
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return fieldValue(around, fieldRef.fieldPath);
  if (resourceFieldRef) return resourceValue(around, container, resourceFieldRef);
  if (configMapKeyRef) return around.text('configmaps', configMapKeyRef.name ?? '', configMapKeyRef.key);
  if (secretKeyRef) return around.text('secrets', secretKeyRef.name ?? '', secretKeyRef.key);
  return '';
}

/** The Services of the pod's namespace, if it wants them, and always the API server's: that comes last, so that its address stands. */
function servicesFor({ reader, pod }: Surround): Service[] {
  const { namespace } = pod.metadata;
  const api = reader.get('services', 'default', 'kubernetes');
  const linked = pod.spec.enableServiceLinks === false ? [] : reader.list('services', namespace);
  return api ? [...linked, api] : [...linked];
}
