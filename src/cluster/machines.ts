/**
 * The machines of a cluster's pods, in memory: whoever was not asked for the longest is forgotten, and made again from its pod when somebody
 * asks. The kubelet runs containers on them, and sessions (commands, logs, connections) reach them here.
 */

import { NODE_FACTS } from '../kubelet/nodes.ts';
import { KUBELET_FILES } from '../kubelet/runtime/container-start-config.ts';
import type { ContainerStatus } from '../kubelet/runtime/container-status.ts';
import { clusterDNSOf } from '../kubelet/runtime/dns.ts';
import { PodRuntime, type Runtime } from '../kubelet/runtime/pod-runtime.ts';
import { Surround } from '../kubelet/runtime/surround.ts';
import { type TokenOf, volumeContents } from '../kubelet/runtime/volume-contents.ts';
import { createPodMachine } from '../machine/create-pod-machine.ts';
import type { Image } from '../machine/image.ts';
import { imageFor, isKnownImage } from '../machine/images/image-for.ts';
import type { OutsideNetwork, PodMachine, Volume } from '../machine/pod-machine.ts';
import { hostNameOf, hostsFile, nodeHosts } from '../network/interfaces/hosts-file.ts';
import { nodeResolver, podResolver, resolvConf } from '../network/interfaces/resolv-conf.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { wholeValue } from '../objects/quantity.ts';
import { milliseconds } from '../objects/time.ts';
import type { Work } from '../simulation/work.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** So many bytes of machines are kept in memory, and so many machines. */
export const MAX_MACHINE_BYTES = 32 * 1024 * 1024;
export const MAX_MACHINES = 1000;

/** Which pod, as whoever asks has seen it. */
export interface PodTarget {
  namespace: string;
  pod: string;
  uid: string;
}

export interface MachinesOptions {
  seed: string;
  /** The objects as they are. */
  reader(): View;
  /** The cluster's DNS server. */
  clusterDNS: string;
  tokenOf: TokenOf;
  imageFor(reference: string): Image;
  /** Something has come into a pod: its kubelet looks at it. */
  wake(namespace: string, pod: string): void;
}

/** Whoever only tries whether somebody listens. */
const VISITOR = { address: '127.0.0.1', port: 40_000 };

export class Machines implements Runtime {
  readonly #options: MachinesOptions;
  readonly #pods = new Map<string, PodRuntime>();
  /** The latest instant that was asked for. */
  #seen = 0;

  constructor(options: MachinesOptions) {
    this.#options = options;
  }

  of(around: Surround): PodRuntime {
    const { namespace, name, uid } = around.pod.metadata;
    const key = `${namespace}/${name}`;
    const known = this.#pods.get(key);
    const runtime =
      known && known.around.pod.metadata.uid === uid
        ? known
        : new PodRuntime(around, (where, at) => this.#make(where, at));
    this.#pods.delete(key);
    runtime.around = around;
    // Who was asked for last is the last to be forgotten.
    this.#pods.set(key, runtime);
    return runtime;
  }

  wake(namespace: string, name: string): void {
    this.#options.wake(namespace, name);
  }

  let(namespace: string, name: string): PodRuntime | undefined {
    const key = `${namespace}/${name}`;
    const runtime = this.#pods.get(key);
    this.#pods.delete(key);
    return runtime;
  }

  /**
   * The machine of a pod at an instant of the cluster's time, as far as its node runs it; undefined: it does not, or is another by now.
   */
  machine({ namespace, pod: name, uid }: PodTarget, now: number): PodMachine | undefined {
    const reader = this.#options.reader();
    const pod = reader.get('pods', namespace, name);
    const node = pod && reader.get('nodes', undefined, pod.spec.nodeName ?? '');
    if (!pod?.status?.podIP || !node || pod.metadata.uid !== uid || isPutOut(pod)) return undefined;
    const { podIP, hostIP = '' } = pod.status;
    const runtime = this.of(new Surround({ reader, pod, node, podIP, hostIP }));
    runtime.resumeAll([
      ...((pod.status.initContainerStatuses ?? []) as ContainerStatus[]),
      ...((pod.status.containerStatuses ?? []) as ContainerStatus[]),
    ]);
    this.#seen = Math.max(this.#seen, now);
    return runtime.machine(now);
  }

  /** Something came into it from outside: what its node knows of it may be over. */
  touched({ namespace, pod }: PodTarget, now: number): void {
    this.#pods.get(`${namespace}/${pod}`)?.touch(now);
    this.wake(namespace, pod);
  }

  /** Whether somebody who connects to a pod is answered. Of programs that nothing is known of it is told by the ports that their containers have. */
  readonly listens = ({ metadata, spec, status }: Pod, protocol: string, port: number): boolean => {
    const { namespace = '', name, uid = '' } = metadata;
    if (status?.phase !== 'Running') return false;
    const of = protocol.toUpperCase();
    if (of === 'TCP' || of === 'UDP') {
      const visitor = this.machine({ namespace, pod: name, uid }, this.#seen)?.visit(port, VISITOR, of);
      visitor?.close();
      if (visitor) return true;
    }
    const declared = spec.containers.flatMap(({ ports = [] }) => ports).filter((p) => (p.protocol ?? 'TCP') === of);
    const isUnknown = spec.containers.some(({ image = '' }) => !isKnownImage(image));
    return isUnknown && (declared.length === 0 || declared.some(({ containerPort }) => containerPort === port));
  };

  #make(around: Surround, at: number): PodMachine {
    this.#seen = Math.max(this.#seen, at);
    this.#forgetSome();
    const { pod, node, podIP } = around;
    const { seed, clusterDNS, tokenOf, imageFor } = this.#options;
    const { capacity = {} } = node.status ?? {};
    const bootedAt = milliseconds(node.metadata.creationTimestamp ?? undefined);
    return createPodMachine({
      startedAt: at,
      seed: `${seed}/${pod.metadata.uid}`,
      hostname: hostNameOf(pod, node.metadata.name).name,
      volumes: {
        ...volumeContents({ around, tokenOf }),
        [KUBELET_FILES]: kubeletFiles(around, clusterDNS),
      },
      sharesProcesses: pod.spec.shareProcessNamespace ?? false,
      node: {
        cpus: Number(capacity.cpu ?? 1),
        memory: wholeValue(capacity.memory ?? '0'),
        kernelRelease: NODE_FACTS.kernelVersion,
        bootedAt: Number.isFinite(bootedAt) ? bootedAt : at,
      },
      imageFor,
      network: this.#network(podIP),
    });
  }

  /** Pods reach one another by their addresses. */
  #network(podIP: string): OutsideNetwork {
    return {
      address: () => podIP,
      connect: () => 'ETIMEDOUT',
      ask: () => undefined,
    };
  }

  #forgetSome(): void {
    let bytes = 0;
    let count = 0;
    for (const runtime of [...this.#pods.values()].reverse()) {
      if (!runtime.hasMachine) continue;
      bytes += runtime.size;
      if (++count >= MAX_MACHINES || bytes > MAX_MACHINE_BYTES) runtime.forgetMachine();
    }
  }
}

/** What ran of a pod that its node has put out is gone with all that it has said. */
const isPutOut = ({ status }: Pod): boolean =>
  (status?.phase === 'Succeeded' || status?.phase === 'Failed') &&
  (status.reason === 'Evicted' ||
    status.reason === 'Preempting' ||
    (status.conditions ?? []).some(
      ({ type, reason }) => type === 'DisruptionTarget' && reason === 'TerminationByKubelet',
    ));

/** The first address of the hosts' network. */
const ROUTER = '172.18.0.1';

function kubeletFiles({ pod, podIP, hostIP, node }: Surround, clusterDNS: string): Volume {
  const { name } = node.metadata;
  const file = (bytes: string) => ({ bytes, mode: 0o644 });
  return {
    kind: 'files',
    files: {
      hosts: file(hostsFile(pod, [podIP], { name, hosts: nodeHosts(name, hostIP) })),
      'resolv.conf': file(resolvConf(podResolver(pod, clusterDNS, nodeResolver(ROUTER)))),
      hostname: file(`${hostNameOf(pod, name).name}\n`),
    },
    defaultMode: 0o644,
    isAtomic: false,
  };
}

/** Those of a cluster; its pump is there when one is asked for. */
export const machinesOf = (
  { seed, serviceCIDR }: SimulationSpec,
  pump: () => { reader(): View; wake(work: Work): void },
): Machines =>
  new Machines({
    seed,
    reader: () => pump().reader(),
    clusterDNS: clusterDNSOf(serviceCIDR),
    tokenOf: () => undefined,
    imageFor,
    wake: (namespace, pod) => pump().wake({ reconciler: 'kubelet', key: `${namespace}/${pod}` }),
  });
