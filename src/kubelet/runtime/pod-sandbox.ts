/**
 * A pod as the container runtime holds it: the pause container with the namespaces that it keeps, who shares them, and the containers
 * in order. All of it follows from the pod. Models containerd's sandboxes and pkg/kubelet/kuberuntime (namespace options).
 */
import type { Container, ContainerStatus, Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import { sandboxOf } from '../../objects/sandbox.ts';
import type { ContainerView, NamespaceKind, NamespaceView, SandboxView } from '../../objects/sandbox-view.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { digestOf } from './images.ts';

const KINDS: readonly NamespaceKind[] = ['net', 'pid', 'ipc', 'uts', 'mnt', 'user'];

const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10';
/** Inodes of namespaces as /proc tells them begin here; the node's own are the last ones before. */
const FIRST_INODE = 4026532000;
const NODE_INODES: Record<NamespaceKind, number> = {
  net: 4026531840,
  pid: 4026531836,
  ipc: 4026531839,
  uts: 4026531838,
  mnt: 4026531841,
  user: 4026531837,
};

/** Undefined: no node has taken it. */
export function podSandbox(pod: Pod, node: Node | undefined): SandboxView | undefined {
  const { spec, status, metadata } = pod;
  if (!spec.nodeName || !status?.startTime) return undefined;
  const containers = containerViews(pod);
  const condition = status.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
  const hasRun = condition?.status === 'True' || containers.some(({ id }) => id);
  const view = { node: spec.nodeName, containers };
  if (!hasRun) return { ...view, namespaces: [] };
  const { id, netns } = sandboxOf(metadata.uid ?? '');
  return {
    sandbox: {
      id,
      image: PAUSE_IMAGE,
      state: condition?.status === 'True' ? 'ready' : 'notReady',
      createdAt: timestamp(milliseconds(status.startTime)),
      ...(spec.hostNetwork ? {} : { netns }),
      ...(status.podIP ? { ip: status.podIP } : {}),
      runtime: node?.status?.nodeInfo?.containerRuntimeVersion ?? '',
    },
    ...view,
    namespaces: namespacesOf(
      pod,
      containers.filter(({ id: made }) => made).map(({ name }) => name),
    ),
  };
}

function containerViews({ spec, status }: Pod): ContainerView[] {
  const list = (
    kind: 'init' | 'container' | 'ephemeral',
    containers: readonly Pick<Container, 'name' | 'image' | 'restartPolicy'>[] = [],
    statuses: readonly ContainerStatus[] = [],
  ): ContainerView[] =>
    containers.map(({ name, image = '', restartPolicy }) => {
      const isSidecar = kind === 'init' && restartPolicy === 'Always';
      return containerView(
        isSidecar ? 'sidecar' : kind,
        name,
        image,
        statuses.find((each) => each.name === name),
      );
    });
  return [
    ...list('init', spec.initContainers, status?.initContainerStatuses),
    ...list('container', spec.containers, status?.containerStatuses),
    ...list('ephemeral', spec.ephemeralContainers, status?.ephemeralContainerStatuses),
  ];
}

function containerView(
  kind: ContainerView['kind'],
  name: string,
  image: string,
  status: ContainerStatus | undefined,
): ContainerView {
  const { running, terminated } = status?.state ?? {};
  const startedAt = running?.startedAt ?? terminated?.startedAt;
  return {
    name,
    kind,
    ...(status?.containerID ? { id: status.containerID } : {}),
    image: status?.image || image,
    state: running ? 'running' : terminated ? 'terminated' : 'waiting',
    attempt: status?.restartCount ?? 0,
    ...(startedAt ? { startedAt } : {}),
    ...(terminated?.finishedAt ? { finishedAt: terminated.finishedAt } : {}),
    ...(terminated ? { exitCode: terminated.exitCode } : {}),
  };
}

function namespacesOf({ spec, metadata }: Pod, made: string[]): NamespaceView[] {
  const all = ['pause', ...made];
  const ofNode: Record<NamespaceKind, boolean> = {
    net: spec.hostNetwork ?? false,
    pid: spec.hostPID ?? false,
    ipc: spec.hostIPC ?? false,
    uts: spec.hostNetwork ?? false,
    mnt: false,
    user: spec.hostUsers !== false,
  };
  return KINDS.flatMap((kind): NamespaceView[] => {
    if (ofNode[kind]) return [{ kind, id: `${kind}:[${NODE_INODES[kind]}]`, of: 'node', sharedBy: all }];
    const isOwn = kind === 'mnt' || (kind === 'pid' && !spec.shareProcessNamespace);
    const id = (whose: string): string => `${kind}:[${inodeOf(`${metadata.uid} ${kind} ${whose}`)}]`;
    if (!isOwn) return [{ kind, id: id(''), of: 'pod', sharedBy: all }];
    return all.map((name) => ({ kind, id: id(name), of: 'container', sharedBy: [name] }));
  });
}

const inodeOf = (text: string): number => FIRST_INODE + (Number.parseInt(digestOf(text).slice(0, 8), 16) % 900_000);
