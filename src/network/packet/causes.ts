/** Which object a rule is there for, read off the rule: kube-proxy writes it into comments and names. */
import type { RuleMet } from './walk.ts';

export interface Cause {
  kind: 'Service' | 'EndpointSlice';
  namespace: string;
  name: string;
  /** Of a Service, where it has a name. */
  port?: string;
  /** Of an EndpointSlice: the endpoint that is meant. */
  endpoint?: string;
}

/** `namespace/name`, `namespace/name:port`. */
const SERVICE = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::([a-z0-9-]+))?$/;
const COMMENT = /--comment (?:"([^"]*)"|(\S+))/;
/** `service-ABCDEFGH-namespace/name/tcp/port`, with `__address/port` for an endpoint's. */
const CHAIN =
  /(?:service|local|external|firewall|endpoint)-[A-Z2-7]{8}-([a-z0-9-]+)\/([a-z0-9-]+)\/[a-z]+\/([a-z0-9-]*)/;
const DNAT = /^dnat to (\S+)$/;

/** The Service that a rule is about. */
function serviceOf({ rule, chain, action }: RuleMet): Cause | undefined {
  const [, quoted, plain] = COMMENT.exec(rule?.text ?? '') ?? [];
  const words = (quoted ?? plain ?? '').split(' ');
  for (const word of words) {
    const [, namespace, name, port] = SERVICE.exec(word) ?? [];
    if (namespace && name) return cause(namespace, name, port);
  }
  const [, namespace, name, port] = CHAIN.exec(action) ?? CHAIN.exec(chain) ?? [];
  return namespace && name ? cause(namespace, name, port) : undefined;
}

const cause = (namespace: string, name: string, port: string | undefined): Cause => ({
  kind: 'Service',
  namespace,
  name,
  ...(port ? { port } : {}),
});

/** `sliceOf`: the EndpointSlice of a Service that has an endpoint with the address. */
export function causeOf(
  met: RuleMet,
  sliceOf: (namespace: string, service: string, address: string) => string | undefined,
): Cause | undefined {
  const service = serviceOf(met);
  const [, endpoint] = DNAT.exec(met.action) ?? [];
  if (!service || !endpoint) return service;
  const address = endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const slice = sliceOf(service.namespace, service.name, address);
  return slice ? { kind: 'EndpointSlice', namespace: service.namespace, name: slice, endpoint } : service;
}

export const causeText = ({ kind, namespace, name, port }: Cause): string =>
  `${kind} ${namespace}/${name}${port ? ` port ${port}` : ''}`;
