/** What goes on with the machines of a cluster's pods: sessions and logs, which look again when something has come in. */

import type { PodTarget } from '../apiserver/streams/session-wire.ts';
import { statusOf } from '../apiserver/subresources/pod-container.ts';
import type { HubSocket } from '../etcd/watch-hub.ts';
import { realTime } from '../simulation/clock.ts';
import { type LogPorts, PodLogs } from './pod-logs.ts';
import { type PodMachines, PodSessions, type SessionPorts } from './pod-sessions.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { logUnits, type WorkBudget } from './work.ts';

export interface PodStreams {
  sessions: PodSessions;
  logs: PodLogs;
  /** In how many real milliseconds it will be so late in the cluster; undefined: as long as the clock stands, never. */
  until(instant: number): number | undefined;
  /** The clock has changed: all look what there is. */
  changed(): void;
}

const POD_KEY = /^\/registry\/pods\/([^/]+)\/([^/]+)$/;

/** How often a container of a pod was started again, as its status says. */
export const attemptIn =
  (cluster: Pick<SimulatedCluster, 'reader'>): LogPorts['attempt'] =>
  ({ namespace, pod }, container) => {
    const found = cluster.reader().get('pods', namespace, pod);
    return found && statusOf(found, container)?.restartCount;
  };

/** `logSockets`: those of logs that are followed, also of before the object slept. */
export function podStreams(
  cluster: SimulatedCluster,
  held: PodMachines,
  work: WorkBudget,
  logSockets: () => HubSocket[],
): PodStreams {
  const now = (): number => cluster.now(Date.now());
  const until = (instant: number): number | undefined => {
    const at = realTime(cluster.clock, instant);
    return at === undefined ? undefined : at - Date.now();
  };
  const worked = (bytes: number): number => work.spend(logUnits(bytes), Date.now());
  const machines: PodMachines = {
    machine: (target, at) => held.machine(target, at),
    touched(target, at) {
      held.touched(target, at);
      logs.changed(({ namespace, pod }) => namespace === target.namespace && pod === target.pod);
    },
  };
  const ports: SessionPorts = { machines, now, until, worked };
  const logs = new PodLogs({ ...ports, attempt: attemptIn(cluster), sockets: logSockets });
  const sessions = new PodSessions(ports);
  let changed: Set<string> | undefined;
  cluster.store.subscribe(({ events }) => {
    if (sessions.size === 0 && logs.size === 0) return;
    for (const { kv } of events) {
      const [, namespace, pod] = POD_KEY.exec(kv.key) ?? [];
      if (namespace === undefined) continue;
      if (!changed) queueMicrotask(look);
      changed ??= new Set();
      changed.add(`${namespace}/${pod}`);
    }
  });
  /** When the work that has written is done. */
  const look = (): void => {
    const pods = changed ?? new Set();
    changed = undefined;
    const isAbout = ({ namespace, pod }: PodTarget): boolean => pods.has(`${namespace}/${pod}`);
    sessions.look(isAbout);
    logs.changed(isAbout);
  };
  const changedAll = (): void => {
    sessions.look();
    logs.changed();
  };
  return { sessions, logs, until, changed: changedAll };
}
