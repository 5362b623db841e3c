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
import type { Environment, Output, Stdin } from './plugin.ts';
import { PLUGINS } from './plugins.ts';

export interface CNIRequest extends Environment {
  /** The program; undefined: the configuration is a list. */
  plugin: string | undefined;
  stdin: Stdin;
  /** Of lists only. */
  capabilityArgs?: Record<string, unknown> | undefined;
  validAttachments?: { containerID: string; ifname: string }[] | undefined;
  state: MachineState;
}

export type CNICall = Omit<CNIRequest, 'state'>;

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
    draws: { ...state.draws },
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
    ...(isUsed(draws) ? { draws } : {}),
    ...(isUsed(containerSysctls) ? { containerSysctls } : {}),
    ...(isUsed(tuned) ? { tuned } : {}),
  };
}

function drive(driver: ListDriver, request: CNICall): void {
  const { command, containerID, netns, ifname, args, capabilityArgs } = request;
  const attachment: Attachment = { containerID, netns, ifname, args, capabilityArgs };
  if (command === 'ADD') driver.add(attachment);
  else if (command === 'DEL') driver.del(attachment);
  else if (command === 'CHECK') driver.check(attachment);
  else if (command === 'GC') driver.gc(request.validAttachments);
  else if (command === 'STATUS') driver.status();
  else fail(`unknown CNI_COMMAND: ${command}`, ErrorCode.invalidEnvironment);
}

function callList(request: CNICall, machine: Machine, executor: Executor): Omit<CNIAnswer, 'state'> {
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

/** A machine on which call after call is made, without its state being told in between. */
export class CNIMachine {
  readonly #machine: Machine;
  readonly #executor: Executor;

  constructor(state: MachineState, work: WorkBudget = UNLIMITED_WORK) {
    this.#machine = machineOf(state, work);
    this.#executor = new Executor(PLUGINS, this.#machine);
  }

  /** Not to be changed but between two calls. */
  get machine(): Machine {
    return this.#machine;
  }

  /** Throws `CNIError` where there is no such plugin, `WorkExceeded` when it is too much. */
  call(request: CNICall): Omit<CNIAnswer, 'state'> {
    const { plugin, command, containerID, netns, ifname, args, path, stdin } = request;
    if (plugin === undefined) return callList(request, this.#machine, this.#executor);
    if (!Object.hasOwn(PLUGINS, plugin)) fail(`there is no plugin ${plugin}`);
    const environment = { command, containerID, netns, ifname, args, path };
    const output = this.#executor.run(PLUGINS[plugin]!, environment, stdin);
    return { exitCode: output.exitCode, result: printed(output) };
  }

  /** `before`: what there was; parts that it has are told. */
  state(before: MachineState): MachineState {
    return stateOf(this.#machine, before);
  }
}

/** Throws as `CNIMachine`. */
export function callCNI({ state, ...request }: CNIRequest, work: WorkBudget = UNLIMITED_WORK): CNIAnswer {
  const machine = new CNIMachine(state, work);
  return { ...machine.call(request), state: machine.state(state) };
}

export const PLUGIN_NAMES: readonly string[] = Object.keys(PLUGINS);
