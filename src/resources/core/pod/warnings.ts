/** What is accepted in a pod but deserves a word. Source: k8s.io/kubernetes/pkg/api/pod/warnings.go and pkg/api/node. */

import { append } from '../../../objects/append.ts';
import type {
  Container,
  ContainerPort,
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  PodSpec,
} from '../../../objects/generated/core-v1.gen.ts';
import { warningsForIP } from '../../../objects/ip.ts';
import { isDNS1123Label, isLabelValue } from '../../../objects/names.ts';
import type { ObjectMeta } from '../../../objects/object.ts';
import { own } from '../../../objects/own.ts';
import { milliValue } from '../../../objects/quantity.ts';
import { DEPRECATED_LABELS } from '../deprecated-labels.ts';
import { warningsForAppArmor } from './app-armor.ts';
import { containersOf } from './security-context.ts';

const DEPRECATED_ANNOTATIONS: Record<string, string> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

export const DEPRECATED_VOLUMES: Record<string, [shown: string, words: string]> = {
  photonPersistentDisk: ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  gitRepo: ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  scaleIO: ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  flocker: ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  storageos: ['storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  quobyte: ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  glusterfs: ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  cephfs: ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  rbd: ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
};

export function nodeTerm(term: NodeSelectorTerm | undefined, field: string, values: boolean): string[] {
  const texts: string[] = [];
  for (const [i, { key, values: list }] of (term?.matchExpressions ?? []).entries()) {
    const path = `${field}.matchExpressions[${i}]`;
    if (DEPRECATED_LABELS[key]) texts.push(`${path}.key: ${key} is ${DEPRECATED_LABELS[key]}`);
    if (values)
      for (const [j, value] of (list ?? []).entries())
        for (const words of isLabelValue(value)) texts.push(`${path}.values[${j}]: ${value} is invalid, ${words}`);
  }
  return texts;
}

function scheduling(spec: PodSpec, field: string): string[] {
  const texts: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {}))
    if (DEPRECATED_LABELS[key]) texts.push(`${field}.nodeSelector[${key}]: ${DEPRECATED_LABELS[key]}`);
  const node = spec.affinity?.nodeAffinity;
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const path = `${field}.affinity.nodeAffinity`;
  for (const [i, term] of (node?.[required]?.nodeSelectorTerms ?? []).entries())
    append(texts, nodeTerm(term, `${path}.${required}.nodeSelectorTerms[${i}]`, false));
  for (const [i, term] of (node?.[preferred] ?? []).entries())
    append(texts, nodeTerm(term.preference, `${path}.${preferred}[${i}].preference`, true));
  for (const [i, { topologyKey: key, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const constraint = `${field}.topologySpreadConstraints[${i}]`;
    if (DEPRECATED_LABELS[key]) texts.push(`${constraint}.topologyKey: ${key} is ${DEPRECATED_LABELS[key]}`);
    if (!labelSelector) texts.push(`${constraint}.labelSelector: a null labelSelector results in matching no pod`);
  }
  return texts;
}

function affinitySelectors(spec: PodSpec, field: string): string[] {
  const texts: string[] = [];
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const)
    for (const list of [
      'requiredDuringSchedulingIgnoredDuringExecution',
      'preferredDuringSchedulingIgnoredDuringExecution',
    ] as const)
      for (const [i, item] of (spec.affinity?.[kind]?.[list] ?? []).entries()) {
        const weighted = list.startsWith('preferred');
        const term = 'podAffinityTerm' in item ? item.podAffinityTerm : (item as PodAffinityTerm);
        if (!term?.labelSelector)
          texts.push(
            `${field}.affinity.${kind}.${list}[${i}]${weighted ? '.podAffinityTerm' : ''}.labelSelector: a null labelSelector results in matching no pod`,
          );
      }
  return texts;
}

// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
function duplicates(list: any[] | undefined, key: string, field: string): string[] {
  const seen = new Set<string>();
  const texts: string[] = [];
  for (const [i, item] of (list ?? []).entries()) {
    const value = item[key] ?? '';
    if (seen.has(value)) texts.push(`${field}[${i}].${key}: duplicate ${key} "${value}"`);
    seen.add(value);
  }
  return texts;
}

function fraction(amounts: Record<string, string> | undefined, name: string, path: string): string[] {
  const amount = amounts?.[name];
  return amount === undefined || milliValue(amount) % 1000 === 0
    ? []
    : [`${path}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`];
}

function container(value: Container, path: string): string[] {
  const texts: string[] = [];
  for (const name of ['memory', 'ephemeral-storage'] as const)
    for (const kind of ['limits', 'requests'] as const)
      append(texts, fraction(value.resources?.[kind], name, `${path}.resources.${kind}`));
  const names = new Set<string>();
  for (const [i, { name, value: text = '', valueFrom }] of (value.env ?? []).entries()) {
    const own = `$(${name})`;
    if (names.has(name) && (valueFrom || text === own || !text.includes(own)))
      texts.push(`${path}.env[${i}]: hides previous definition of "${name}", which may be dropped when using apply`);
    names.add(name);
  }
  return texts;
}

/** Pairs of ports that are told of. Headers have room for far fewer. */
export const MAX_PORT_WARNINGS = 1000;

/** Ports that came before one, found by what they have in common with it: comparing each with each is no choice for long lists. */
class EarlierPorts {
  readonly #places = new Map<string, number[]>();

  /** Places of those that get in the way of `port`, at most `limit`, in their order. */
  near(port: ContainerPort, limit: number): number[] {
    const [all, sameHost, sameIP] = keysOf(port);
    const keys = !port.hostPort ? [all] : [`${all}/0`, ...(port.hostIP ? [sameIP, `${sameHost}/`] : [sameHost])];
    const found = keys.flatMap((key) => (this.#places.get(key!) ?? []).slice(0, limit));
    return found.sort((a, b) => a - b).slice(0, limit);
  }

  add(port: ContainerPort, place: number): void {
    for (const key of keysOf(port)) {
      const places = this.#places.get(key);
      if (places) places.push(place);
      else this.#places.set(key, [place]);
    }
  }
}

function keysOf({
  containerPort,
  protocol,
  hostPort,
  hostIP,
}: ContainerPort): [all: string, sameHost: string, sameIP: string] {
  const all = `${containerPort}/${protocol}`;
  const sameHost = `${all}/${hostPort ?? 0}`;
  return [all, sameHost, `${sameHost}/${hostIP ?? ''}`];
}

/** As Go prints a struct. */
const printPort = ({ name = '', hostPort = 0, containerPort = 0, protocol = '', hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;

function ports(spec: PodSpec, field: string): string[] {
  const texts: string[] = [];
  const all: [path: string, port: ContainerPort][] = [];
  for (const [value, path] of containersOf(spec, field))
    for (const [i, port] of (value.ports ?? []).entries()) all.push([`${path}.ports[${i}]`, port]);
  const earlier = new EarlierPorts();
  for (const [i, [path, port]] of all.entries()) {
    if (port.hostIP && !port.hostPort) texts.push(`${path}: hostIP set without hostPort: ${printPort(port)}`);
    for (const at of earlier.near(port, MAX_PORT_WARNINGS - texts.length)) {
      const [otherPath, other] = all[at]!;
      const [host = 0, otherHost = 0] = [port.hostPort, other.hostPort];
      const [ip = '', otherIP = ''] = [port.hostIP, other.hostIP];
      if (ip === otherIP && host === otherHost) texts.push(`${path}: duplicate port definition with ${otherPath}`);
      else if (!host || !otherHost) texts.push(`${path}: overlapping port definition with ${otherPath}`);
      else if (host === otherHost && !ip !== !otherIP)
        texts.push(`${path}: dangerously ambiguous port definition with ${otherPath}`);
    }
    earlier.add(port, i);
  }
  const names = new Map<string, string>();
  for (const [path, port] of all) {
    if (!port.name) continue;
    const other = names.get(port.name);
    if (other)
      texts.push(
        `${path}: duplicate port name "${port.name}" with ${other}, services and probes that select ports by name will use ${other}`,
      );
    else names.set(port.name, path);
  }
  return texts;
}

/** Of a pod, or of a template at `template`. */
export function warningsForPodSpec(spec: PodSpec, metadata: Partial<ObjectMeta> | undefined, template = ''): string[] {
  const field = template ? `${template}.spec` : 'spec';
  const meta = template ? `${template}.metadata` : 'metadata';
  const texts = scheduling(spec, field);
  for (const [key, words] of Object.entries(DEPRECATED_ANNOTATIONS))
    if (metadata?.annotations?.[key] !== undefined) texts.push(`${meta}.annotations[${key}]: ${words}`);
  for (const [i, volume] of (spec.volumes ?? []).entries())
    for (const [key, [shown, words]] of Object.entries(DEPRECATED_VOLUMES))
      if (own(volume, key)) texts.push(`${field}.volumes[${i}].${shown}: ${words}`);
  append(texts, duplicates(spec.hostAliases, 'ip', `${field}.hostAliases`));
  append(texts, duplicates(spec.imagePullSecrets, 'name', `${field}.imagePullSecrets`));
  for (const [i, secret] of (spec.imagePullSecrets ?? []).entries())
    if (!secret.name) texts.push(`${field}.imagePullSecrets[${i}].name: invalid empty name ""`);
  for (const name of ['memory', 'ephemeral-storage'] as const)
    append(texts, fraction(spec.overhead, name, `${field}.overhead`));
  for (const [value, path] of containersOf(spec, field)) append(texts, container(value, path));
  if (template) append(texts, warningsForAppArmor(spec, metadata, meta));
  append(texts, ports(spec, field));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    texts.push(
      `${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  append(texts, affinitySelectors(spec, field));
  for (const [i, server] of (spec.dnsConfig?.nameservers ?? []).entries())
    append(texts, warningsForIP(`${field}.dnsConfig.nameservers[${i}]`, server));
  for (const [i, alias] of (spec.hostAliases ?? []).entries())
    append(texts, warningsForIP(`${field}.hostAliases[${i}].ip`, alias.ip ?? ''));
  return texts;
}

/** A name that can't be a host's. */
export function warningsForHostname(name: string, used: string): string[] {
  const wrong = isDNS1123Label(name);
  return wrong.length === 0
    ? []
    : [
        `metadata.name: ${used}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
      ];
}

export function warningsForPod(pod: Pod, old: Pod | undefined): string[] {
  if (old) return [];
  return [
    ...warningsForHostname(pod.metadata.name, "this is used in the Pod's hostname"),
    ...warningsForPodSpec(pod.spec, pod.metadata),
  ];
}
