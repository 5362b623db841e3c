/** For tests: calls of plugins on a machine with one pod. */
import { type CNIAnswer, callCNI } from './call.ts';
import { type MachineState, newNamespace, newNetwork } from './machine.ts';

export const NETNS = '/var/run/netns/pod-1';

export const machineWithPod = (): MachineState => ({
  files: {},
  network: { ...newNetwork(), containers: { [NETNS]: newNamespace() } },
});

export const hostLocalOf = (...subnets: string[]) => ({
  type: 'host-local',
  ranges: subnets.map((subnet) => [{ subnet }]),
});

export interface TestCall {
  plugin: string;
  command?: string;
  containerID?: string;
  netns?: string;
  ifname?: string;
  args?: string;
  config: Record<string, unknown>;
  state?: MachineState;
}

/** The configuration's name is `podnet`, its version 1.1.0 unless it says another. */
export function call({
  plugin,
  command = 'ADD',
  containerID = 'c1',
  netns = NETNS,
  ifname = 'eth0',
  args = '',
  ...rest
}: TestCall): CNIAnswer {
  return callCNI({
    plugin,
    command,
    containerID,
    netns,
    ifname,
    args,
    path: '/opt/cni/bin',
    stdin: { value: { cniVersion: '1.1.0', name: 'podnet', type: plugin, ...rest.config } },
    state: rest.state ?? machineWithPod(),
  });
}

/** What went wrong; undefined where nothing did. */
export const errorOf = ({ exitCode, result }: CNIAnswer): string | undefined =>
  exitCode === 0 ? undefined : String((result as { msg: string }).msg);
