/**
 * A CNI call as a container runtime makes it: one plugin, or a list of them, on a machine whose state is told. A pure function: the machine
 * after the call is part of the answer.
 */
import { cloneJSON } from '../../objects/clone.ts';
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import type { Attachment } from './cache.ts';
import { CNIError, ErrorCode, fail } from './errors.ts';
import { Executor, stdoutOf } from './exec.ts';
import { tidyTables } from './kernel/iptables.ts';
import { ListDriver } from './list-driver.ts';
import { type Machine, type MachineState, newNetwork } from './machine.ts';
import { readNetworkList } from './network-list.ts';
import type { Output, Stdin } from './plugin.ts';
import { PLUGINS } from './plugins.ts';

export interface CNIRequest {
  /** The program; undefined: the configuration is a list. */
  plugin: string | undefined;
  command: string;
  containerID: string;
  netns: string;
  ifname: string;
  args: string;
  path: string;
  stdin: Stdin;
  /** Of lists only. */
  capabilityArgs?: Record<string, unknown> | undefined;
  validAttachments?: { containerID: string; ifname: string }[] | undefined;
  state: MachineState;
}

/** What a plugin wrote: an object; null for nothing; text where it is more than one document. */
export type Printed = Record<string, unknown> | string | null;

export interface CNIInvocation {
  plugin: string;
  command: string;
  config: Record<string, unknown>;
  exitCode: number;
  result: Printed;
}

export interface CNIAnswer {
  exitCode: number;
  result: Printed;
  state: MachineState;
  /** Of lists: each plugin's call, in order. */
  invocations?: CNIInvocation[];
  /** Of lists: what the library tells the runtime when it fails. */
  error?: string;
}

const printed = (output: Output): Printed => {
  const [only, second] = output.documents;
  return second ? stdoutOf(output) : (only ?? null);
};

/** A library that fails without a plugin having said anything. */
const EXIT_FAILURE = 1;

function machineOf(state: MachineState, work: WorkBudget): Machine {
  return {
    files: { ...state.files },
    network: state.network ? cloneJSON(state.network) : newNetwork(),
    cache: { ...state.cache },
    pinned: [...(state.pinned ?? [])],
    draws: state.draws ?? 0,
    containerSysctls: cloneJSON(state.containerSysctls ?? {}),
    tuned: { ...state.tuned },
    work,
  };
}

/** Parts of the state that were not told, and are as they were, are not told either. */
function stateOf(machine: Machine, before: MachineState): MachineState {
  tidyTables(machine);
  const { files, network, cache, pinned, draws, containerSysctls, tuned } = machine;
  const isUsed = (part: object): boolean => Object.keys(part).length > 0;
  return {
    files,
    ...(before.network || network.host.links.length > 0 ? { network } : {}),
    ...(before.cache || isUsed(cache) ? { cache } : {}),
    ...(isUsed(pinned) ? { pinned } : {}),
    ...(draws > 0 ? { draws } : {}),
    ...(isUsed(containerSysctls) ? { containerSysctls } : {}),
    ...(isUsed(tuned) ? { tuned } : {}),
  };
}

function drive(driver: ListDriver, request: CNIRequest): void {
  const { command, containerID, netns, ifname, args, capabilityArgs } = request;
  const attachment: Attachment = { containerID, netns, ifname, args, capabilityArgs };
  if (command === 'ADD') driver.add(attachment);
  else if (command === 'DEL') driver.del(attachment);
  else if (command === 'CHECK') driver.check(attachment);
  else if (command === 'GC') driver.gc(request.validAttachments);
  else if (command === 'STATUS') driver.status();
  else fail(`unknown CNI_COMMAND: ${command}`, ErrorCode.invalidEnvironment);
}

function callList(request: CNIRequest, machine: Machine, executor: Executor): Omit<CNIAnswer, 'state'> {
  const invocations: CNIInvocation[] = [];
  let error: CNIError | undefined;
  try {
    if ('error' in request.stdin) fail(`error parsing configuration list: ${request.stdin.error}`);
    else {
      const driver = new ListDriver(readNetworkList(request.stdin.value), machine, executor, request.path);
      try {
        drive(driver, request);
      } finally {
        for (const { plugin, command, config, output } of driver.invocations)
          invocations.push({ plugin, command, config, exitCode: output.exitCode, result: printed(output) });
      }
    }
  } catch (caught) {
    if (!(caught instanceof CNIError)) throw caught;
    error = caught;
  }
  const failed = invocations.find(({ exitCode }) => exitCode !== 0);
  if (error)
    return {
      exitCode: failed?.exitCode ?? EXIT_FAILURE,
      result: failed?.result ?? null,
      invocations,
      error: String(error),
    };
  const last = request.command === 'ADD' ? invocations.at(-1) : undefined;
  return { exitCode: 0, result: last?.result ?? null, invocations };
}

/** Throws `CNIError` where there is no such plugin, `WorkExceeded` when it is too much. */
export function callCNI(request: CNIRequest, work: WorkBudget = UNLIMITED_WORK): CNIAnswer {
  const machine = machineOf(request.state, work);
  const executor = new Executor(PLUGINS, machine);
  const { plugin, command, containerID, netns, ifname, args, path, stdin } = request;
  if (plugin === undefined) {
    const answer = callList(request, machine, executor);
    return { ...answer, state: stateOf(machine, request.state) };
  }
  if (!Object.hasOwn(PLUGINS, plugin)) fail(`there is no plugin ${plugin}`);
  const environment = { command, containerID, netns, ifname, args, path };
  const output = executor.run(PLUGINS[plugin]!, environment, stdin);
  return { exitCode: output.exitCode, result: printed(output), state: stateOf(machine, request.state) };
}

export const PLUGIN_NAMES: readonly string[] = Object.keys(PLUGINS);
