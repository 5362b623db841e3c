/**
 * The objects that every cluster has from its first moment: namespaces, roles, flow schemas, the `kubernetes` service… They are
 * constant but for a few values, and are no rows of the store until somebody changes them.
 */

import { formatIP, parseCIDR } from '../objects/ip.ts';
import { createRandom } from '../simulation/random.ts';
import { danglingCondition } from './dangling-condition.ts';
import { BASE_OBJECTS } from './generated/base-layer.gen.ts';

export interface BaseLayerOptions {
  serviceCIDR: string;
  /** RFC 3339 to the second. */
  createdAt: string;
  seed: string;
  /** The certificate that clients of the cluster trust, PEM; in the `kube-root-ca.crt` config maps. */
  rootCA?: string;
  /** Whether FlowSchemas say that their priority levels are there. */
  flowControl?: boolean;
  /** Whether the controller of ServiceCIDRs has seen the one that there is. */
  serviceCIDRs?: boolean;
  /** Whether controllers have seen the cluster, and have added what they do to a new one; so it is unless it is said. */
  controllers?: boolean;
  /** The authorities that clients and the front proxy are trusted by, PEM. */
  clientCA?: string;
  frontProxyCA?: string;
}

type Part = { literal: string } | { mark: string };

/** Texts cut at their marks; made once. */
let templates: { key: Part[]; text: Part[] }[] | undefined;

const cut = (text: string): Part[] =>
  text
    .split(/(<[a-z-]+>)/)
    .filter((piece) => piece !== '')
    .map((piece) => (/^<[a-z-]+>$/.test(piece) ? { mark: piece } : { literal: piece }));

/** Storage key → JSON text (no resourceVersion), in key order. Under a millisecond. */
export function baseLayer(options: BaseLayerOptions): Map<string, string> {
  templates ??= BASE_OBJECTS.map(([key, text]) => ({ key: cut(key), text: cut(text) }));
  const random = createRandom(options.seed, 'base-layer');
  const values: Record<string, string> = {
    '<time>': options.createdAt,
    '<micro-time>': options.createdAt.replace('Z', '.000000Z'),
    '<date>': options.createdAt.slice(0, 10),
    '<pem>': escaped(options.rootCA),
    '<client-ca>': escaped(options.clientCA),
    '<front-proxy-ca>': escaped(options.frontProxyCA),
    '<service-cidr>': options.serviceCIDR,
    '<service-ip>': firstAddress(options.serviceCIDR),
  };
  const fill = (parts: Part[]): string => {
    let text = '';
    for (const part of parts)
      text +=
        'literal' in part ? part.literal : part.mark === '<uid>' ? random.uid() : (values[part.mark] ?? part.mark);
    return text;
  };
  const layer = new Map<string, string>();
  for (const template of templates) {
    const key = fill(template.key);
    const text = fill(template.text);
    if (options.controllers === false && isControllers(key)) continue;
    layer.set(key, changed(key, text, options));
  }
  return layer;
}

const FLOW_SCHEMAS = '/registry/flowschemas/';
const CLUSTER_ROLES = '/registry/clusterroles/';
const SERVICE_CIDR = '/registry/servicecidrs/kubernetes';

function changed(
  key: string,
  text: string,
  { flowControl, serviceCIDRs, controllers, createdAt }: BaseLayerOptions,
): string {
  if (serviceCIDRs && key === SERVICE_CIDR) return held(text);
  if (flowControl && key.startsWith(FLOW_SCHEMAS)) return found(text, createdAt);
  if (controllers === false && key.startsWith(CLUSTER_ROLES)) return notAggregated(text);
  return text;
}

/** As the controller of ServiceCIDRs leaves it. */
function held(text: string): string {
  const object = JSON.parse(text);
  object.metadata.finalizers = ['networking.k8s.io/service-cidr-finalizer'];
  object.status.conditions[0].message = 'Kubernetes Service CIDR is ready';
  return JSON.stringify(object);
}

/** What controllers make in each namespace. */
const isControllers = (key: string): boolean =>
  key.startsWith('/registry/serviceaccounts/') || /^\/registry\/configmaps\/[^/]+\/kube-root-ca\.crt$/.test(key);

/** A role that gathers others' rules has none until a controller has done so. */
function notAggregated(text: string): string {
  const role = JSON.parse(text);
  return role.aggregationRule ? JSON.stringify({ ...role, rules: null }) : text;
}

function found(text: string, createdAt: string): string {
  const schema = JSON.parse(text);
  const condition = danglingCondition(schema.spec.priorityLevelConfiguration.name, true, createdAt);
  return JSON.stringify({ ...schema, status: { conditions: [condition] } });
}
const escaped = (pem = ''): string => JSON.stringify(pem).slice(1, -1);

/** The `kubernetes` service has the first address of the range. */
function firstAddress(cidr: string): string {
  const prefix = parseCIDR(cidr);
  if (!prefix) throw new Error(`not a CIDR: ${cidr}`);
  return formatIP(prefix.address.family, prefix.network + 1n);
}

/** The spec of a constant object of a fresh cluster, e.g. of `flowschemas/exempt`. */
export function baseSpec(storage: string, name: string): unknown {
  const found = BASE_OBJECTS.find(([key]) => key === `/registry/${storage}/${name}`);
  return found && JSON.parse(found[1]).spec;
}
