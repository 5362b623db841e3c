/**
 * A container's environment: what its spec says, what it refers to, and the namespace's Services. A ConfigMap may have as many keys as it
 * likes, and any number of containers may take all of them: so what is asked for is looked up, and nothing is gathered.
 * Models pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables).
 */
import type { Container, EnvFromSource, EnvVar } from '../../objects/generated/core-v1.gen.ts';
import { fieldValue, resourceValue } from './downward.ts';
import type { Surround } from './surround.ts';
import { expandReferences, referenceTo } from './variable-references.ts';

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
