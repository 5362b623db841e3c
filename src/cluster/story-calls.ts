/** What went on between a kubelet, its container runtime and CNI, as far as what the kubelet writes of a pod tells of it. */
import type { StoryCall } from '../objects/story.ts';

interface ContainerStatus {
  name: string;
  image?: string;
  containerID?: string;
  state?: { running?: object; terminated?: { exitCode?: number; containerID?: string } };
}

/** Of a pod what matters here; anything may be missing. */
interface Pod {
  spec?: { hostNetwork?: boolean };
  status?: {
    podIP?: string;
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

const toRuntime = (text: string): StoryCall => ({ from: 'kubelet', to: 'containerd', text });
const toKubelet = (text: string): StoryCall => ({ from: 'containerd', to: 'kubelet', text });

/** `after` undefined: the kubelet has let the pod go. */
export function runtimeCalls(before: Pod | undefined, after: Pod | undefined): StoryCall[] {
  const [was, is] = [before?.status?.podIP, after?.status?.podIP];
  const onHost = (after ?? before)?.spec?.hostNetwork === true;
  const calls: StoryCall[] = [];
  if (is && !was) {
    calls.push(toRuntime('RunPodSandbox'));
    if (!onHost)
      calls.push(
        { from: 'containerd', to: 'CNI', text: 'ADD eth0' },
        { from: 'CNI', to: 'containerd', text: `the pod has ${is}` },
      );
  }
  if (after) calls.push(...containerCalls(statusesOf(before), statusesOf(after)));
  if (was && !after) {
    calls.push(toRuntime('StopPodSandbox'));
    if (!onHost) calls.push({ from: 'containerd', to: 'CNI', text: 'DEL eth0' });
    calls.push(toRuntime('RemovePodSandbox'));
  }
  return calls;
}

const statusesOf = (pod: Pod | undefined): ContainerStatus[] => [
  ...(pod?.status?.initContainerStatuses ?? []),
  ...(pod?.status?.containerStatuses ?? []),
];

function containerCalls(before: ContainerStatus[], after: ContainerStatus[]): StoryCall[] {
  const was = new Map(before.map((status) => [status.name, status]));
  return after.flatMap((status) => {
    const old = was.get(status.name);
    const { name, containerID, state } = status;
    const isNew = containerID !== undefined && containerID !== old?.containerID;
    const started = isNew ? [toRuntime(`CreateContainer ${name}`), toRuntime(`StartContainer ${name}`)] : [];
    const isOver = state?.terminated !== undefined && (isNew || old?.state?.terminated === undefined);
    return isOver
      ? [...started, toKubelet(`container ${name} has ended with exit code ${state.terminated?.exitCode ?? 0}`)]
      : started;
  });
}
