/**
 * Takes the pods of the simulated nodes through their lives, in the container runtime's order: network namespace, address from CNI,
 * pause container, init containers one after the other, then the pod's own. One status write says that containers are being made,
 * the next that they run. Source: k8s.io/kubernetes/pkg/kubelet.
 */
import { sameJson } from '../controllers/equality.ts';
import { recordEvent } from '../controllers/events.ts';
import { hasKubelet } from '../controllers/node-health.ts';
import { keyOf, parseKey } from '../controllers/owners.ts';
import { isFinished } from '../controllers/pods.ts';
import { milliseconds, timestamp } from '../controllers/time.ts';
import { addNetwork } from '../network/cni.ts';
import type { KubeObject } from '../resources/object.ts';
import type { Reader, ReconcileContext, ReconcileResult, Reconciler, Write } from '../simulation/reconciler.ts';
import { admitted, type Rejection, rejection } from './admission.ts';
import { allInitialized, byName, conditionsOf, isSidecar, type Phase, phaseOf } from './conditions.ts';
import { missingConfig } from './container-config.ts';
import { advance, type ContainerStatus, type Step, stop, waitingStatus } from './containers.ts';
import { imageSize, pullDuration } from './images.ts';
import { networkState } from './network-state.ts';
import type { Container } from './program.ts';
import { userFault, userOf } from './users.ts';
import { mountFaults, nextMountTry } from './volumes.ts';

/** Between two tries to start a container that lacks a ConfigMap or a Secret. */
const CONFIG_RETRY_MS = 10_000;
const CONFIG_ERROR = 'CreateContainerConfigError';

/** A pod with this label and value runs but never becomes ready. */
const READINESS_LABEL = 'ready';
const NEVER_READY = 'never';

export const kubelet = (): Reconciler<KubeObject> => ({
  name: 'kubelet',
  manager: 'kubelet',
  watches: [
    { resource: 'pods', keys: ({ new: pod }) => (pod?.spec.nodeName ? [keyOf(pod)] : []) },
    {
      // A node that comes late finds pods already bound to it.
      resource: 'nodes',
      keys: ({ old, new: node }, reader) => (node && !old ? podsOn(reader, node.metadata.name).map(keyOf) : []),
    },
    ...['configmaps', 'secrets', 'serviceaccounts'].map((resource) => ({ resource, keys: podsThatWait })),
    ...['persistentvolumeclaims', 'persistentvolumes', 'clustertrustbundles.certificates.k8s.io'].map((resource) => ({
      resource,
      keys: podsThatWait,
    })),
  ],
  reconcile(reader, key, context) {
    const { namespace, name } = parseKey(key);
    const pod = reader.get('pods', namespace, name);
    const node = pod && reader.get('nodes', undefined, pod.spec.nodeName ?? '');
    // A node that somebody registered has no kubelet: nothing happens to its pods.
    if (!pod || !node || !hasKubelet(reader, node)) return { writes: [] };
    const sync = new PodSync(reader, pod, node, context);
    if (pod.metadata.deletionTimestamp) return sync.terminate();
    if (isFinished(pod)) return { writes: [] };
    return pod.status?.startTime ? sync.run() : sync.admit();
  },
});

/** Pods, of the object's namespace if it has one, that may wait for just this object: for a volume or an environment. */
const podsThatWait = ({ new: object }: { new?: KubeObject }, reader: Reader<KubeObject>): string[] =>
  object ? reader.list('pods', object.metadata.namespace).filter(mayWait).map(keyOf) : [];

const mayWait = (pod: KubeObject): boolean =>
  Boolean(pod.status?.startTime) &&
  !isFinished(pod) &&
  (!pod.status.podIP || statusesOf(pod).some((s) => s.state.waiting?.reason === CONFIG_ERROR));

const statusesOf = (pod: KubeObject): ContainerStatus[] => [
  ...(pod.status?.initContainerStatuses ?? []),
  ...(pod.status?.containerStatuses ?? []),
];

const podsOn = (reader: Reader<KubeObject>, node: string): KubeObject[] =>
  reader.list('pods').filter((pod) => pod.spec.nodeName === node);

/** One sync of one pod on its node. */
class PodSync {
  private readonly reader: Reader<KubeObject>;
  private readonly pod: KubeObject;
  private readonly node: KubeObject;
  private readonly context: ReconcileContext;
  private readonly writes: Write<KubeObject>[] = [];
  private dueAt: number | undefined;

  constructor(reader: Reader<KubeObject>, pod: KubeObject, node: KubeObject, context: ReconcileContext) {
    this.reader = reader;
    this.pod = pod;
    this.node = node;
    this.context = context;
  }

  /** First sight: the node takes the pod or doesn't, and nothing of it runs yet. */
  admit(): ReconcileResult<KubeObject> {
    const refused = rejection(this.pod, this.node, admitted(podsOn(this.reader, this.node.metadata.name)));
    if (refused) return this.reject(refused);
    const waiting = this.initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    const init = this.initContainers.map((container) => waitingStatus(container, 'PodInitializing'));
    const containers = this.containers.map((container) => waitingStatus(container, waiting));
    this.writeStatus('Pending', init, containers, undefined);
    return { writes: this.writes };
  }

  private reject({ reason, message }: Rejection): ReconcileResult<KubeObject> {
    const { qosClass } = this.pod.status ?? {};
    this.event(reason, message, { type: 'Warning' });
    const status = {
      observedGeneration: this.pod.metadata.generation ?? 1,
      phase: 'Failed',
      message: `Pod was rejected: ${message}`,
      reason,
      startTime: timestamp(this.context.now),
      ...(qosClass === undefined ? {} : { qosClass }),
    };
    this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.pod, status } });
    return { writes: this.writes };
  }

  /** Every container as far as it goes at this instant. */
  run(): ReconcileResult<KubeObject> {
    const deadline = deadlineOf(this.pod);
    if (deadline !== undefined && this.context.now >= deadline) return this.expire();
    this.dueAt = deadline;
    if (!this.pod.status.podIP && !this.mountVolumes()) return { writes: this.writes, requeueAt: this.dueAt! };
    const address = this.pod.status.podIP ?? this.attach();
    if (!address) {
      this.event('FailedCreatePodSandBox', NO_ADDRESSES, { type: 'Warning' });
      return { writes: this.writes, error: 'no address left' };
    }
    const init: ContainerStatus[] = [...(this.pod.status.initContainerStatuses ?? [])];
    for (const [i, container] of this.initContainers.entries()) {
      init[i] = this.step(container, init[i] ?? waitingStatus(container, 'PodInitializing'), true);
      const done = isSidecar(container) ? init[i].started : init[i].ready;
      if (!done) break;
    }
    let containers: ContainerStatus[] = this.containers.map(
      (container) =>
        byName(this.pod.status.containerStatuses ?? [], container.name) ??
        waitingStatus(container, 'ContainerCreating'),
    );
    if (allInitialized(this.pod, init)) {
      containers = this.containers.map((container, i) => this.step(container, containers[i]!, false));
    }
    const phase = phaseOf(this.pod, init, containers);
    if (phase === 'Succeeded' || phase === 'Failed') this.stopSidecars(init);
    this.writeStatus(phase, init, containers, address);
    const done = phase === 'Succeeded' || phase === 'Failed';
    return { writes: this.writes, ...(this.dueAt === undefined || done ? {} : { requeueAt: this.dueAt }) };
  }

  /** Whether all volumes are there; if not, it is said at each of the tries, and the pod waits for the next. */
  private mountVolumes(): boolean {
    const faults = mountFaults(this.reader, this.pod);
    if (faults.length === 0) return true;
    const { now, requeueAt } = this.context;
    if (requeueAt === undefined || now >= requeueAt)
      for (const { message } of faults) this.event('FailedMount', message, { type: 'Warning' });
    this.wakeAt(nextMountTry(milliseconds(this.pod.status.startTime), now));
    return false;
  }

  private wakeAt(at: number): void {
    this.dueAt = Math.min(this.dueAt ?? at, at);
  }

  /** It has been active for too long. */
  private expire(): ReconcileResult<KubeObject> {
    const { now } = this.context;
    const stopAll = (specs: Container[], statuses: ContainerStatus[] = []): ContainerStatus[] =>
      statuses.map((last, i) => (specs[i] ? stop(specs[i], last, now) : last));
    const init = stopAll(this.initContainers, this.pod.status.initContainerStatuses);
    const containers = stopAll(this.containers, this.pod.status.containerStatuses);
    this.event('DeadlineExceeded', DEADLINE_MESSAGE, { type: 'Warning' });
    const why = { reason: 'DeadlineExceeded', message: DEADLINE_MESSAGE };
    this.writeStatus('Failed', init, containers, this.pod.status.podIP, why);
    return { writes: this.writes };
  }

  /** Stops what runs, says how it ended, and lets the object go. */
  terminate(): ReconcileResult<KubeObject> {
    const { status, metadata } = this.pod;
    const { now } = this.context;
    const stopAll = (specs: Container[], statuses: ContainerStatus[]): ContainerStatus[] =>
      statuses.map((last) => {
        const container = specs.find((c) => c.name === last.name);
        if (!container || !last.state.running) return last;
        this.event('Killing', `Stopping container ${container.name}`, { container });
        return stop(container, last, now);
      });
    const init = stopAll(this.initContainers, status?.initContainerStatuses ?? []);
    const containers = stopAll(this.containers, status?.containerStatuses ?? []);
    if (!isFinished(this.pod) && containers.length > 0) {
      const failed = containers.some((c) => (c.state.terminated?.exitCode ?? 137) !== 0);
      this.writeStatus(failed ? 'Failed' : 'Succeeded', init, containers, status.podIP);
    }
    // With a grace period of 0 the kubelet has let go before: what keeps the object is a finalizer.
    if (metadata.deletionGracePeriodSeconds !== 0) {
      this.writes.push({
        verb: 'delete',
        resource: 'pods',
        namespace: metadata.namespace as string,
        name: metadata.name,
        uid: metadata.uid as string,
        gracePeriodSeconds: 0,
      });
    }
    return { writes: this.writes };
  }

  private get initContainers(): Container[] {
    return this.pod.spec.initContainers ?? [];
  }

  private get containers(): Container[] {
    return this.pod.spec.containers;
  }

  private step(container: Container, last: ContainerStatus, isInit: boolean): ContainerStatus {
    const { namespace, name, uid, labels } = this.pod.metadata;
    const podText = `${name}_${namespace}(${uid})`;
    const fault = last.state.running
      ? undefined
      : (missingConfig(this.reader, namespace as string, container) ?? userFault(this.pod, container));
    if (fault) return this.notConfigured(container, last, fault);
    const step: Step = advance(container, last, {
      now: this.context.now,
      random: this.context.random,
      podText,
      restartPolicy: container.restartPolicy ?? this.pod.spec.restartPolicy ?? 'Always',
      mayBeReady: labels?.[READINESS_LABEL] !== NEVER_READY,
      isInit,
      user: userOf(this.pod, container),
    });
    if (step.started) this.startEvents(container);
    if (step.backedOff) {
      const message = `Back-off restarting failed container ${container.name} in pod ${podText}`;
      this.event('BackOff', message, { type: 'Warning', container });
    }
    if (step.dueAt !== undefined) this.wakeAt(step.dueAt);
    return step.status;
  }

  /** It cannot start as it is: the kubelet looks again when what it lacks comes, and by itself now and then. */
  private notConfigured(container: Container, last: ContainerStatus, message: string): ContainerStatus {
    const { now, requeueAt } = this.context;
    const isTry = last.state.waiting?.message !== message || requeueAt === undefined || now >= requeueAt;
    if (isTry) {
      this.pullEvents(container);
      this.event('Failed', `Error: ${message}`, { type: 'Warning', container });
    }
    this.wakeAt(isTry ? now + CONFIG_RETRY_MS : requeueAt);
    return { ...last, state: { waiting: { reason: CONFIG_ERROR, message } } };
  }

  private stopSidecars(init: ContainerStatus[]): void {
    for (const [i, container] of this.initContainers.entries()) {
      if (init[i]?.state.running) init[i] = stop(container, init[i], this.context.now);
    }
  }

  private startEvents(container: Container): void {
    this.pullEvents(container);
    this.event('Created', 'Container created', { container });
    this.event('Started', 'Container started', { container });
  }

  private pullEvents(container: Container): void {
    const { image } = container;
    if (container.imagePullPolicy === 'Always' || !this.hasImage(image)) {
      const took = pullDuration(image);
      this.event('Pulling', `Pulling image "${image}"`, { container });
      const pulled = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${imageSize(image)} bytes.`;
      this.event('Pulled', pulled, { container });
    } else {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      this.event('Pulled', message, { container });
    }
  }

  /** A container of this image has been started on the node before. */
  private hasImage(image: string): boolean {
    return podsOn(this.reader, this.node.metadata.name).some((pod) =>
      [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some((container: Container) => {
        if (container.image !== image) return false;
        return Boolean(byName(statusesOf(pod), container.name)?.imageID);
      }),
    );
  }

  /** CNI ADD, with the node's state read off its pods; the node's own address for a pod on the host's network. */
  private attach(): string | undefined {
    if (this.pod.spec.hostNetwork) return this.hostIP;
    const podCIDR: string | undefined = this.node.spec?.podCIDR;
    if (!podCIDR) return undefined;
    return addNetwork(networkState(podCIDR, podsOn(this.reader, this.node.metadata.name)))?.address;
  }

  private get hostIP(): string {
    const addresses: { type: string; address: string }[] = this.node.status?.addresses ?? [];
    return addresses.find((address) => address.type === 'InternalIP')?.address ?? '';
  }

  private writeStatus(
    phase: Phase,
    init: ContainerStatus[],
    containers: ContainerStatus[],
    podIP: string | undefined,
    why: { reason?: string; message?: string } = {},
  ): void {
    const { now } = this.context;
    const old = this.pod.status ?? {};
    const status = {
      ...old,
      observedGeneration: this.pod.metadata.generation ?? 1,
      phase,
      ...why,
      conditions: conditionsOf(this.pod, { phase, init, containers, hasSandbox: podIP !== undefined, now }),
      hostIP: this.hostIP,
      hostIPs: [{ ip: this.hostIP }],
      ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
      startTime: old.startTime ?? timestamp(now),
      ...(init.length > 0 ? { initContainerStatuses: init } : {}),
      containerStatuses: containers,
      ...(old.qosClass === undefined ? {} : { qosClass: old.qosClass }),
    };
    if (sameJson(status, old)) return;
    this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.pod, status } });
  }

  private event(
    reason: string,
    message: string,
    options: { type?: 'Normal' | 'Warning'; container?: Container } = {},
  ): void {
    const { container } = options;
    const part = container && (this.initContainers.includes(container) ? 'initContainers' : 'containers');
    const source = { component: 'kubelet', host: this.node.metadata.name };
    const text = {
      reason,
      message,
      ...(options.type ? { type: options.type } : {}),
      ...(container ? { fieldPath: `spec.${part}{${container.name}}` } : {}),
    };
    this.writes.push(recordEvent(this.reader, this.pod, source, text, this.context.now));
  }
}

/** When the pod's own deadline ends it; undefined: never. */
const deadlineOf = ({ spec, status }: KubeObject): number | undefined =>
  spec.activeDeadlineSeconds == null ? undefined : milliseconds(status.startTime) + spec.activeDeadlineSeconds * 1000;

const DEADLINE_MESSAGE = 'Pod was active on the node longer than the specified deadline';

const NO_ADDRESSES =
  'Failed to create pod sandbox: plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set';
