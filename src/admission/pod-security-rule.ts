/** What a rule of the Pod Security Standards is, and the words that rules find and name containers with. */

import type {
  Container,
  EphemeralContainer,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
} from '../objects/generated/core-v1.gen.ts';
import type { ObjectMeta } from '../objects/object.ts';

/** A pod, or what one is made of. */
export interface Templated {
  spec: PodSpec;
  metadata?: Partial<ObjectMeta> | undefined;
}

/** Of whichever of a pod's lists; one that is added later says less. */
export type AnyContainer = Container | EphemeralContainer;

/** Of a container, or of the pod. */
export type AnyContext = SecurityContext | PodSecurityContext;

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface Rule {
  id: string;
  level: Level;
  /** The minor version that it came with; with the first unless said. */
  since?: number;
  /** What must not be, by the standards of a minor version; undefined: fine. */
  check(pod: Templated, minor: number): [reason: string, detail: string] | undefined;
  /** The baseline rule whose place this stricter one takes at the restricted level. */
  overrides?: string;
}

export const quoted = (names: string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

export const named = (word: string, names: string[]): string =>
  `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`;

export const containers = (spec: PodSpec): AnyContainer[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

export const namesWhere = (spec: PodSpec, test: (container: AnyContainer) => boolean): string[] =>
  containers(spec)
    .filter(test)
    .map((c) => c.name);

/** From these minor versions on, rules leave alone what they do not concern. */
const WINDOWS_SINCE = 25;

export const USER_NAMESPACES_SINCE = 35;

export const isWindows = (spec: PodSpec, minor: number): boolean =>
  minor >= WINDOWS_SINCE && spec.os?.name === 'windows';

export const hasUsersOfItsOwn = (spec: PodSpec, minor: number): boolean =>
  minor >= USER_NAMESPACES_SINCE && spec.hostUsers === false;

export function addedCapabilities(spec: PodSpec, allowed: string[]): { names: string[]; added: string[] } {
  const added = new Set<string>();
  const names = namesWhere(spec, (c) => {
    const bad = (c.securityContext?.capabilities?.add ?? []).filter((name) => !allowed.includes(name));
    for (const name of bad) added.add(name);
    return bad.length > 0;
  });
  return { names, added: [...added].sort() };
}

export const notIncluded = ({ names, added }: { names: string[]; added: string[] }): string =>
  `${named('container', names)} must not include ${quoted(added)} in securityContext.capabilities.add`;

/** Settings that a pod makes for its containers, and these for themselves: who set a bad one. */
export function setters(spec: PodSpec, bad: (context: AnyContext) => boolean): string[] {
  const who: string[] = [];
  if (bad(spec.securityContext ?? {})) who.push('pod');
  const names = namesWhere(spec, (c) => bad(c.securityContext ?? {}));
  if (names.length > 0) who.push(named('container', names));
  return who;
}

export function unmaskedProc(spec: PodSpec): [string, string] | undefined {
  const bad = new Set<string>();
  const names = namesWhere(spec, (c) => {
    const mount = c.securityContext?.procMount;
    if (!mount || mount === 'Default') return false;
    bad.add(mount);
    return true;
  });
  return names.length === 0
    ? undefined
    : [
        'procMount',
        `${named('container', names)} must not set securityContext.procMount to ${quoted([...bad].sort())}`,
      ];
}
