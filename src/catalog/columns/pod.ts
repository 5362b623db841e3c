/** The row of a pod: what its containers' states add up to. */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { since } from './duration.ts';
import { age, type Cell, NONE, type Row } from './row.ts';

interface ContainerStatus {
  name: string;
  ready?: boolean;
  started?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

interface ContainerState {
  waiting?: { reason?: string };
  running?: object;
  terminated?: { reason?: string; signal?: number; exitCode?: number; finishedAt?: string };
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
}

/** What has been found so far about the containers, init containers first. */
interface Tally {
  reason: string;
  ready: number;
  restarts: number;
  lastRestart: string;
}

const later = (a: string, b: string | undefined): string => (b && (a === '' || Date.parse(b) > Date.parse(a)) ? b : a);

const exitReason = (t: { reason?: string; signal?: number; exitCode?: number }): string =>
  t.reason || (t.signal ? `Signal:${t.signal}` : `ExitCode:${t.exitCode ?? 0}`);

export function podRow(pod: KubeObject, now: number): Row {
  const status = pod.status ?? {};
  const spec = pod.spec ?? {};
  const conditions: Condition[] = status.conditions ?? [];
  const phase: string = status.phase ?? '';
  const sidecars = new Set<string>(
    (spec.initContainers ?? []).filter((c: Container) => c.restartPolicy === 'Always').map((c: Container) => c.name),
  );
  const gated = conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  const tally: Tally = {
    reason: gated ? 'SchedulingGated' : status.reason || phase,
    ready: 0,
    restarts: 0,
    lastRestart: '',
  };
  const sidecarRestarts = { restarts: 0, lastRestart: '' };
  const initializing = tallyInit(pod, sidecars, tally, sidecarRestarts);
  if (!initializing || conditions.some((c) => c.type === 'Initialized' && c.status === 'True')) {
    Object.assign(tally, sidecarRestarts);
    tallyContainers(status.containerStatuses ?? [], conditions, tally);
  }
  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') tally.reason = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') tally.reason = 'Terminating';
  }
  const restarts =
    tally.restarts && tally.lastRestart
      ? `${tally.restarts} (${since(tally.lastRestart, now)} ago)`
      : `${tally.restarts}`;
  const total = (spec.containers ?? []).length + sidecars.size;
  const cells: Cell[] = [
    pod.metadata.name,
    `${tally.ready}/${total}`,
    tally.reason,
    restarts,
    age(pod, now),
    status.podIPs?.[0]?.ip || NONE,
    spec.nodeName || NONE,
    status.nominatedNodeName || NONE,
    readinessGates(spec.readinessGates ?? [], conditions),
  ];
  return { cells, ...completed(phase) };
}

/** Returns whether an init container is still to finish, and then says so in the reason. */
function tallyInit(
  pod: KubeObject,
  sidecars: Set<string>,
  tally: Tally,
  sidecarRestarts: { restarts: number; lastRestart: string },
): boolean {
  const statuses: ContainerStatus[] = pod.status?.initContainerStatuses ?? [];
  for (const [i, container] of statuses.entries()) {
    const restarts = container.restartCount ?? 0;
    const ended = container.lastState?.terminated?.finishedAt;
    const sidecar = sidecars.has(container.name);
    tally.restarts += restarts;
    tally.lastRestart = later(tally.lastRestart, ended);
    if (sidecar) {
      sidecarRestarts.restarts += restarts;
      sidecarRestarts.lastRestart = later(sidecarRestarts.lastRestart, ended);
    }
    const { terminated, waiting } = container.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) tally.ready++;
      continue;
    }
    if (terminated) tally.reason = `Init:${exitReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') tally.reason = `Init:${waiting.reason}`;
    else tally.reason = `Init:${i}/${(pod.spec?.initContainers ?? []).length}`;
    return true;
  }
  return false;
}

function tallyContainers(statuses: ContainerStatus[], conditions: Condition[], tally: Tally): void {
  let running = false;
  let failed = '';
  for (const container of [...statuses].reverse()) {
    tally.restarts += container.restartCount ?? 0;
    tally.lastRestart = later(tally.lastRestart, container.lastState?.terminated?.finishedAt);
    const { terminated, waiting, running: runs } = container.state ?? {};
    if (waiting?.reason) tally.reason = waiting.reason;
    else if (terminated) {
      tally.reason = exitReason(terminated);
      if (terminated.exitCode) failed = tally.reason;
    } else if (container.ready && runs) {
      running = true;
      tally.ready++;
    }
  }
  if (tally.reason !== 'Completed') return;
  if (running && conditions.some((c) => c.type === 'Ready' && c.status === 'True')) tally.reason = 'Running';
  else if (failed) tally.reason = failed;
  else if (running) tally.reason = 'NotReady';
}

function readinessGates(gates: { conditionType: string }[], conditions: Condition[]): string {
  if (gates.length === 0) return NONE;
  const met = gates.filter((g) => conditions.find((c) => c.type === g.conditionType)?.status === 'True');
  return `${met.length}/${gates.length}`;
}

/** A finished pod's row says so to clients that hide such rows. */
function completed(phase: string): Pick<Row, 'conditions'> {
  if (phase === 'Succeeded')
    return {
      conditions: [
        { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
      ],
    };
  if (phase === 'Failed')
    return { conditions: [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }] };
  return {};
}
