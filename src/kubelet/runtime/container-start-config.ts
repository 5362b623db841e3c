/** How a container is started, in the terms of its machine. Models pkg/kubelet/kuberuntime (generateContainerConfig). */
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES } from '../../machine/kernel/capabilities.ts';
import type { Confinement, ContainerMount, ContainerStart, Limits } from '../../machine/pod-machine.ts';
import type { Container, Pod, SecurityContext } from '../../objects/generated/core-v1.gen.ts';
import { milliValue, wholeValue } from '../../objects/quantity.ts';
import { Environment } from './environment.ts';
import { digestOf } from './images.ts';
import type { Surround } from './surround.ts';
import { effectiveContext, userOf } from './users.ts';
import { expandReferences, referenceTo } from './variable-references.ts';

/** The volume that holds the kubelet's own files of a pod. */
export const KUBELET_FILES = '.kubelet';

/** @throws ArgumentsTooLong */
export function containerStart(around: Surround, container: Container, attempt: number): ContainerStart {
  const { pod, space } = around;
  const environment = new Environment(around, container);
  const lookUp = referenceTo((name) => environment.get(name));
  const expand = (words: readonly string[] | undefined): string[] | undefined =>
    words?.map((word) => (word.includes('$') ? expandReferences(word, lookUp, space) : word));
  const user = userOf(pod, container);
  return {
    name: container.name,
    attempt,
    image: container.image ?? '',
    command: expand(container.command),
    args: expand(container.args),
    env: [...environment.all()].map(([name, value]) => ({ name, value })),
    workingDir: container.workingDir,
    user: { uid: user.uid, gid: user.gid, groups: user.supplementalGroups },
    mounts: [...ownMounts(around, container, lookUp), ...kubeletMounts(container)],
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    readOnlyRoot: effectiveContext(pod, container).readOnlyRootFilesystem ?? false,
    capabilities: capabilitiesOf(effectiveContext(pod, container)),
    ...(targetOf(container) ? { target: targetOf(container)! } : {}),
    confinement: confinementOf(around, container),
    ...limitsOf(pod, container),
    oomScoreAdjustment: oomScoreAdjustment(around, container),
    ...(container.terminationMessagePath ? { terminationLog: container.terminationMessagePath } : {}),
  };
}

/** What it may take; where it says nothing, its pod does. */
export function limitsOf({ spec }: Pod, { resources }: Container): Limits {
  const limit = (name: string): string | undefined => resources?.limits?.[name] ?? spec.resources?.limits?.[name];
  const [memory, cpu, request] = [limit('memory'), limit('cpu'), resources?.requests?.cpu];
  return {
    memoryLimit: memory === undefined ? undefined : wholeValue(memory),
    cpu: {
      ...(request === undefined ? {} : { request: milliValue(request) }),
      ...(cpu === undefined ? {} : { limit: milliValue(cpu) }),
    },
  };
}

const GUARANTEED = -997;
const BEST_EFFORT = 1000;
const BURSTABLE = 3;

/** Models pkg/kubelet/qos/policy.go. */
function oomScoreAdjustment({ pod, node }: Surround, { resources }: Container): number {
  const { qosClass } = pod.status ?? {};
  if (qosClass === 'Guaranteed' || pod.spec.priorityClassName === 'system-node-critical') return GUARANTEED;
  if (qosClass === 'BestEffort') return BEST_EFFORT;
  const capacity = wholeValue(node.status?.capacity?.memory ?? '0') || Number.POSITIVE_INFINITY;
  const share = Math.floor((1000 * wholeValue(resources?.requests?.memory ?? '0')) / capacity);
  return Math.min(BEST_EFFORT - 1, Math.max(BURSTABLE, BEST_EFFORT - share));
}

/** Models pkg/kubelet/kuberuntime/security_context.go and containerd's own defaults. */
function capabilitiesOf({ privileged, capabilities }: SecurityContext): readonly string[] {
  if (privileged) return ALL_CAPABILITIES;
  const named = (names: readonly string[] | undefined): string[] =>
    (names ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const dropped = new Set(named(capabilities?.drop));
  const added = named(capabilities?.add);
  const from = added.includes('ALL') ? ALL_CAPABILITIES : dropped.has('ALL') ? [] : DEFAULT_CAPABILITIES;
  return [...new Set([...from.filter((name) => !dropped.has(name)), ...added.filter((name) => name !== 'ALL')])];
}

/** Of a container that was added to look into another. */
const targetOf = (container: Container): string | undefined =>
  (container as Container & { targetContainerName?: string }).targetContainerName;

/** Where the ids of the first pod that has its own begin, and how many each has. */
const FIRST_IDS = 65_536;
const IDS_A_POD = 65_536;
const ID_RANGES = 1024;

function confinementOf({ pod }: Surround, container: Container): Confinement {
  const { seccompProfile, allowPrivilegeEscalation, privileged } = effectiveContext(pod, container);
  const idsFrom =
    FIRST_IDS + (Number.parseInt(digestOf(pod.metadata.uid ?? '').slice(0, 8), 16) % ID_RANGES) * IDS_A_POD;
  return {
    seccomp: !privileged && seccompProfile !== undefined && seccompProfile.type !== 'Unconfined',
    noNewPrivileges: allowPrivilegeEscalation === false,
    ...(pod.spec.hostUsers === false ? { idsFrom } : {}),
  };
}

const ownMounts = (
  { space, pod }: Surround,
  { volumeMounts = [] }: Container,
  lookUp: (name: string) => string,
): ContainerMount[] =>
  volumeMounts.map(({ mountPath, name, subPath, subPathExpr, readOnly }) => {
    const part = subPathExpr ? expandReferences(subPathExpr, lookUp, space) : subPath;
    const isReadOnly = readOnly ?? pod.spec.volumes?.some((volume) => volume.name === name && volume.image) ?? false;
    return { path: mountPath, volume: name, readOnly: isReadOnly, ...(part ? { subPath: part } : {}) };
  });

/** What the kubelet puts into every container, unless it is mounted over. */
const kubeletMounts = ({ volumeMounts = [] }: Container): ContainerMount[] =>
  ['hosts', 'resolv.conf', 'hostname']
    .map((name) => ({ path: `/etc/${name}`, volume: KUBELET_FILES, subPath: name, readOnly: false }))
    .filter(({ path }) => !volumeMounts.some(({ mountPath }) => mountPath === path));
