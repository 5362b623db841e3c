/** What the Services of a namespace are to its containers. Models pkg/kubelet/envvars. */
import type { Service } from '../../objects/generated/core-v1.gen.ts';

const upper = (text: string): string => text.replaceAll('-', '_').toUpperCase();

/** A headless Service, or one without ports, is nothing to them. */
export function variablesOf({ metadata, spec }: Service): Map<string, string> {
  const variables = new Map<string, string>();
  const { clusterIP, ports = [] } = spec;
  if (!clusterIP || clusterIP === 'None' || ports.length === 0) return variables;
  const name = upper(metadata.name);
  variables.set(`${name}_SERVICE_HOST`, clusterIP);
  variables.set(`${name}_SERVICE_PORT`, String(ports[0]!.port));
  for (const port of ports) if (port.name) variables.set(`${name}_SERVICE_PORT_${upper(port.name)}`, String(port.port));
  for (const [i, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP}:${port}`;
    const prefix = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
    if (i === 0) variables.set(`${name}_PORT`, url);
    variables.set(prefix, url);
    variables.set(`${prefix}_PROTO`, protocol.toLowerCase());
    variables.set(`${prefix}_PORT`, String(port));
    variables.set(`${prefix}_ADDR`, clusterIP);
  }
  return variables;
}

/** Those of many Services, of which only what is asked for is worked out. Of two that set the same variable the later one's stands. */
export class ServiceVariables {
  readonly #services: { prefix: string; service: Service; variables?: Map<string, string> }[];

  constructor(services: readonly Service[]) {
    this.#services = services.map((service) => ({ prefix: `${upper(service.metadata.name)}_`, service })).reverse();
  }

  /** How many there are to look through. */
  get size(): number {
    return this.#services.length;
  }

  /** All of them. */
  all(): Map<string, string> {
    const variables = new Map<string, string>();
    for (const each of [...this.#services].reverse()) {
      each.variables ??= variablesOf(each.service);
      for (const [name, value] of each.variables) variables.set(name, value);
    }
    return variables;
  }

  get(name: string): string | undefined {
    for (const each of this.#services) {
      if (!name.startsWith(each.prefix)) continue;
      each.variables ??= variablesOf(each.service);
      const value = each.variables.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
