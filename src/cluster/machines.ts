/**
 * The machines of a cluster's pods, in memory: whoever was not asked for the longest is forgotten, and made again from its pod when somebody
 * asks. The kubelet runs containers on them, and sessions (commands, logs, connections) reach them here.
 */

import type { PodTarget } from '../apiserver/streams/session-wire.ts';
import { parseKey } from '../controllers/owners.ts';
import { isFinished } from '../controllers/pods.ts';
import { NODE_FACTS } from '../kubelet/nodes.ts';
import { KUBELET_FILES } from '../kubelet/runtime/container-start-config.ts';
import { clusterDNSOf } from '../kubelet/runtime/dns.ts';
import { allStatuses, PodRuntime, type Runtime } from '../kubelet/runtime/pod-runtime.ts';
import { Surround } from '../kubelet/runtime/surround.ts';
import { NODE_TREE, volumeContents } from '../kubelet/runtime/volume-contents.ts';
import { createPodMachine } from '../machine/create-pod-machine.ts';
import { SharedTrees } from '../machine/files/shared-trees.ts';
import type { Image } from '../machine/image.ts';
import { imageFor, isKnownImage } from '../machine/images/image-for.ts';
import type { PodMachine, Volume } from '../machine/pod-machine.ts';
import { hostNameOf, hostsFile, nodeHosts } from '../network/interfaces/hosts-file.ts';
import { nodeResolver, podResolver, resolvConf } from '../network/interfaces/resolv-conf.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { wholeValue } from '../objects/quantity.ts';
import { milliseconds } from '../objects/time.ts';
import type { SignPodToken } from '../simulation/notary.ts';
import type { Work } from '../simulation/work.ts';
import type { SimulatedNetwork } from './cluster-network.ts';
import { HeldMachines } from './held-machines.ts';
import { nodeConnection, type PodNetworkPorts, podNetwork } from './pod-network.ts';
import type { SimulationSpec } from './simulation-spec.ts';

export interface MachinesOptions {
  seed: string;
  /** The objects as they are. */
  reader(): View;
  /** The cluster's DNS server. */
  clusterDNS: string;
  imageFor(reference: string): Image;
  /** What connections of programs go through, and whom they ask for names. */
  network: Pick<SimulatedNetwork, 'connect' | 'ask'>;
  /** Who signs tokens for pods; undefined: nobody. */
  signToken?: SignPodToken | undefined;
  /** Something has come into a pod: its kubelet looks at it. */
  wake(namespace: string, pod: string): void;
}

export class Machines implements Runtime {
  readonly #options: MachinesOptions;
  readonly #pods = new Map<string, PodRuntime>();
  readonly #held = new HeldMachines();
  /** Since anybody last rested. */
  readonly #asked = new Set<PodRuntime>();
  readonly #network: PodNetworkPorts;
  /** Trees of files that outlive pods. */
  readonly #shared = new SharedTrees((tree) => this.#nodeFiles(tree));

  constructor(options: MachinesOptions) {
    this.#options = options;
    this.#network = {
      connect: (...asked) => options.network.connect(...asked),
      machine: (key, at) => this.#machineOf(this.#pod(key), at),
      touched: (key, at) => {
        const { namespace, name } = parseKey(key);
        this.touched({ namespace, pod: name }, at);
      },
      ask: (server, name, type, at) =>
        server === options.clusterDNS ? { question: name, ...options.network.ask({ name, type }, at) } : undefined,
    };
  }

  get signToken(): SignPodToken | undefined {
    return this.#options.signToken;
  }

  /** A pod by its `namespace/name`, as it is now. */
  #pod(key: string): Pod | undefined {
    const { namespace, name } = parseKey(key);
    return this.#options.reader().get('pods', namespace, name);
  }

  /** Whether a program of a pod listens; of images that nobody knows it is told by the ports that their containers have. */
  listens(
    key: string,
    { protocol, port, address }: { protocol: 'TCP' | 'UDP'; port: number; address: string },
    at: number,
  ): boolean {
    const pod = this.#pod(key);
    if (pod?.status?.phase !== 'Running') return false;
    if (this.#machineOf(pod, at)?.listens(port, protocol, address)) return true;
    const { containers } = pod.spec;
    const declared = containers.flatMap(({ ports = [] }) => ports).filter((p) => (p.protocol ?? 'TCP') === protocol);
    const isUnknown = containers.some(({ image = '' }) => !isKnownImage(image));
    return isUnknown && (declared.length === 0 || declared.some(({ containerPort }) => containerPort === port));
  }

  of(around: Surround): PodRuntime {
    const { namespace, name, uid } = around.pod.metadata;
    const key = `${namespace}/${name}`;
    const known = this.#pods.get(key);
    const runtime: PodRuntime =
      known && known.about.pod.metadata.uid === uid
        ? known
        : new PodRuntime(around, {
            machine: (where, at) => this.#make(runtime, where, at),
            connect: (node, to, at) => nodeConnection(node, to, at, this.#network),
          });
    if (known !== runtime) this.let(namespace!, name);
    runtime.around = around;
    this.#asked.add(runtime);
    this.#pods.set(key, runtime);
    this.#held.asked(runtime);
    return runtime;
  }

  wake(namespace: string, name: string): void {
    this.#options.wake(namespace, name);
  }

  let(namespace: string, name: string): PodRuntime | undefined {
    const key = `${namespace}/${name}`;
    const runtime = this.#pods.get(key);
    this.#pods.delete(key);
    if (runtime) this.#held.let(runtime);
    return runtime;
  }

  rest(): void {
    for (const runtime of this.#asked) runtime.rest();
    this.#asked.clear();
  }

  /**
   * The machine of a pod at an instant of the cluster's time, as far as its node runs it; undefined: it does not, or is another by now.
   */
  machine({ namespace, pod: name, uid }: PodTarget, now: number): PodMachine | undefined {
    const pod = this.#pod(`${namespace}/${name}`);
    return pod?.metadata.uid === uid ? this.#machineOf(pod, now) : undefined;
  }

  #machineOf(pod: Pod | undefined, now: number): PodMachine | undefined {
    const reader = this.#options.reader();
    const node = pod && reader.get('nodes', undefined, pod.spec.nodeName ?? '');
    if (!pod?.status?.podIP || !node || isPutOut(pod)) return undefined;
    const { podIP, hostIP = '' } = pod.status;
    const runtime = this.of(new Surround({ reader, pod, node, podIP, hostIP, signToken: this.signToken }));
    runtime.resumeAll(allStatuses(pod));
    return runtime.machine(now);
  }

  /** Something came into it from outside: what its node knows of it may be over. */
  touched({ namespace, pod }: Omit<PodTarget, 'uid'>, now: number): void {
    this.#pods.get(`${namespace}/${pod}`)?.touch(now);
    this.wake(namespace, pod);
  }

  /** The files that every node has, where pods may look for them. */
  #nodeFiles(tree: string): Record<string, string> {
    if (!tree.startsWith(NODE_TREE)) return {};
    const name = tree.slice(NODE_TREE.length);
    const node = this.#options.reader().get('nodes', undefined, name);
    const address = node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
    return {
      '/etc/hosts': nodeHosts(name, address),
      '/etc/hostname': `${name}\n`,
      '/etc/resolv.conf': `nameserver ${ROUTER}\n`,
      '/etc/os-release': `PRETTY_NAME="${node?.status?.nodeInfo?.osImage ?? ''}"\n`,
      '/etc/machine-id': `${node?.status?.nodeInfo?.machineID ?? ''}\n`,
    };
  }

  #make(runtime: PodRuntime, around: Surround, at: number): PodMachine {
    const { pod, node, podIP } = around;
    // Whoever still has one of a pod that is gone keeps it to himself.
    if (this.#pods.get(`${pod.metadata.namespace}/${pod.metadata.name}`) === runtime) this.#held.add(runtime);
    const { seed, clusterDNS, imageFor } = this.#options;
    const { capacity = {} } = node.status ?? {};
    const bootedAt = milliseconds(node.metadata.creationTimestamp ?? undefined);
    return createPodMachine({
      startedAt: at,
      seed: `${seed}/${pod.metadata.uid}`,
      hostname: hostNameOf(pod, node.metadata.name).name,
      volumes: {
        ...volumeContents(around),
        [KUBELET_FILES]: kubeletFiles(around, clusterDNS),
      },
      sysctls: Object.fromEntries(
        (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name.replaceAll('/', '.'), value]),
      ),
      sharesProcesses: pod.spec.shareProcessNamespace ?? false,
      node: {
        cpus: Number(capacity.cpu ?? 1),
        memory: wholeValue(capacity.memory ?? '0'),
        kernelRelease: NODE_FACTS.kernelVersion,
        bootedAt: Number.isFinite(bootedAt) ? bootedAt : at,
      },
      shared: this.#shared,
      imageFor,
      network: podNetwork(
        `${pod.metadata.namespace}/${pod.metadata.name}`,
        { address: podIP, isNodes: pod.spec.hostNetwork ?? false },
        this.#network,
      ),
      // Whatever is wrong in a program is that pod's alone.
      ignoresDefects: true,
    });
  }
}

/** What ran of a pod that its node has put out is gone with all that it has said. */
const isPutOut = (pod: Pod): boolean =>
  isFinished(pod) &&
  (pod.status?.reason === 'Evicted' ||
    pod.status?.reason === 'Preempting' ||
    (pod.status?.conditions ?? []).some(
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

/** Those of a cluster; its pump is there when one is asked for, and so is its network. */
export const machinesOf = (
  { seed, serviceCIDR }: SimulationSpec,
  pump: () => { reader(): View; wake(work: Work): void },
  network: () => SimulatedNetwork,
  signToken?: SignPodToken,
): Machines =>
  new Machines({
    seed,
    reader: () => pump().reader(),
    clusterDNS: clusterDNSOf(serviceCIDR),
    signToken,
    imageFor,
    network: {
      connect: (...asked) => network().connect(...asked),
      ask: (question, now) => network().ask(question, now),
    },
    wake: (namespace, pod) => pump().wake({ reconciler: 'kubelet', key: `${namespace}/${pod}` }),
  });
