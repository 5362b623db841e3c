/**
 * A container's environment: what its spec says, what it refers to, and the namespace's Services.
 * Models pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables) and pkg/kubelet/envvars.
 */
import type {
  Container,
  EnvVar,
  Node,
  Pod,
  ResourceFieldSelector,
  Service,
} from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { milliValue, wholeValue } from '../../objects/quantity.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { expandReferences, fromVariables } from './variable-references.ts';

type Variables = ReadonlyMap<string, string>;

/** Where a pod's containers run, during one sync. */
export class Surround {
  readonly reader: View;
  readonly pod: Pod;
  readonly node: Node;
  readonly podIP: string;
  readonly hostIP: string;
  #services: Variables | undefined;

  constructor(from: Pick<Surround, 'reader' | 'pod' | 'node' | 'podIP' | 'hostIP'>) {
    this.reader = from.reader;
    this.pod = from.pod;
    this.node = from.node;
    this.podIP = from.podIP;
    this.hostIP = from.hostIP;
  }

  /** What the namespace's Services are to all of its containers: read once, however many ask. */
  get services(): Variables {
    this.#services ??= serviceVariables(this);
    return this.#services;
  }
}

export interface Environment {
  own: Variables;
  /** What stands behind its own. */
  services: Variables;
}

export const variableOf = ({ own, services }: Environment, name: string): string | undefined =>
  own.get(name) ?? services.get(name);

/** Its variables by name; sources that are not there, and are optional, set none. */
export function environmentOf(around: Surround, container: Container): Environment {
  const { services } = around;
  const own = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? textsOf(around, 'configmaps', configMapRef.name ?? '')
      : textsOf(around, 'secrets', secretRef?.name ?? '');
    for (const [key, value] of data) own.set(prefix + key, value);
  }
  const lookUp = fromVariables(own, services);
  for (const variable of container.env ?? []) {
    const value = variable.value ? expandReferences(variable.value, lookUp) : sourceValue(around, container, variable);
    if (value !== undefined) own.set(variable.name, value);
  }
  return { own, services };
}

function textsOf({ reader, pod }: Surround, resource: 'configmaps' | 'secrets', name: string): Variables {
  const data: Record<string, string> = reader.get(resource, pod.metadata.namespace, name)?.data ?? {};
  const isSecret = resource === 'secrets';
  return new Map(
    Object.entries(data).map(([key, value]) => [key, isSecret ? new TextDecoder().decode(decodeBase64(value)) : value]),
  );
}

/** undefined: the variable is not set. */
function sourceValue(around: Surround, container: Container, { valueFrom }: EnvVar): string | undefined {
  if (!valueFrom) return '';
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return fieldValue(around, fieldRef.fieldPath);
  if (resourceFieldRef) return resourceValue(around, container, resourceFieldRef);
  if (configMapKeyRef) return textsOf(around, 'configmaps', configMapKeyRef.name ?? '').get(configMapKeyRef.key);
  if (secretKeyRef) return textsOf(around, 'secrets', secretKeyRef.name ?? '').get(secretKeyRef.key);
  return '';
}

function fieldValue({ pod, podIP, hostIP }: Surround, path: string): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP;
    case 'status.podIP':
    case 'status.podIPs':
      return podIP;
    default:
      return '';
  }
}

/** Rounded up to whole divisors; a limit that is not set is what the node has. */
function resourceValue(
  { pod, node }: Surround,
  container: Container,
  { resource, divisor, containerName }: ResourceFieldSelector,
): string {
  const of: Container =
    [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c: Container) => c.name === containerName) ??
    container;
  const at = resource.indexOf('.');
  const [kind, name] = [resource.slice(0, at) as 'limits' | 'requests', resource.slice(at + 1)];
  const set = of.resources?.[kind]?.[name];
  const amount = set ?? (kind === 'limits' ? node.status?.allocatable?.[name] : undefined) ?? '0';
  const measure = name === 'cpu' ? milliValue : wholeValue;
  return String(Math.ceil(measure(amount) / (measure(divisor ?? '0') || measure('1'))));
}

/** Of the Services of the pod's namespace, if it wants them, and always of the API server's. */
function serviceVariables({ reader, pod }: Surround): Variables {
  const { namespace } = pod.metadata;
  const api = reader.get('services', 'default', 'kubernetes');
  const linked = pod.spec.enableServiceLinks === false ? [] : reader.list('services', namespace);
  // The API server's come last, so that its address stands whatever else is called `kubernetes`.
  const variables = new Map<string, string>();
  for (const service of api ? [...linked, api] : linked) addService(variables, service);
  return variables;
}

function addService(variables: Map<string, string>, { metadata, spec }: Service): void {
  const { clusterIP, ports = [] } = spec;
  if (!clusterIP || clusterIP === 'None' || ports.length === 0) return;
  const upper = (text: string): string => text.replaceAll('-', '_').toUpperCase();
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
}
