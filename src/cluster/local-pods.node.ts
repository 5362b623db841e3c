/** What an API server asks of the machines of pods in its own process: as through the cluster's object, over pairs of sockets in memory. */
import type { Pods } from '../apiserver/streams/pods.ts';
import { arrayOf } from '../machine/bytes.ts';
import { type MemorySocket, memoryPair } from './memory-socket.ts';
import { PodLogs } from './pod-logs.ts';
import { PodSessions } from './pod-sessions.ts';
import { attemptIn } from './pod-streams.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** `now`: the cluster's time; that goes on only when it is told to, so nobody says in how many real milliseconds. */
export function localPods(cluster: SimulatedCluster, now: () => number): { pods: Pods; sessions: PodSessions } {
  const followed = new Set<MemorySocket>();
  const ports = { machines: cluster.machines, now, until: (at: number) => Math.max(0, at - now()), worked: () => 0 };
  const logs = new PodLogs({ ...ports, attempt: attemptIn(cluster), sockets: () => [...followed] });
  const sessions = new PodSessions(ports);
  const pods: Pods = {
    async log(request) {
      const text = logs.read(request);
      return text === undefined ? null : new Blob([arrayOf(text)]).stream();
    },
    async followLog(request) {
      const [here, there] = memoryPair();
      followed.add(here);
      logs.accept(here, request);
      here.addEventListener('message', ({ data }) => void logs.message(here, String(data)));
      here.addEventListener('close', () => void followed.delete(here));
      return there;
    },
    async connect(request) {
      const [here, there] = memoryPair();
      sessions.accept(here, request);
      return there;
    },
  };
  return { pods, sessions };
}
