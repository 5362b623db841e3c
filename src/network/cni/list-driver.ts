/** Lists of plugins as a container runtime's library calls them. Source: containernetworking/cni libcni/api.go. */
import { sizeOf } from '../../simulation/work-budget.ts';
import { type Attachment, attachmentsOf, forget, recall, recallOrForget, remember } from './cache.ts';
import { checkContainerID, checkInterfaceName, checkNetworkName } from './environment.ts';
import { CNIError, fail, wrapping } from './errors.ts';
import { type Executor, resultOf } from './exec.ts';
import type { Machine } from './machine.ts';
import { type ListedPlugin, type NetworkList, pluginConfig } from './network-list.ts';
import type { Output } from './plugin.ts';
import { type Result, readPrinted } from './result.ts';
import { isAtLeast, isKnownAtLeast } from './versions.ts';

/** One plugin's call, with the configuration that it got. */
export interface Invocation {
  plugin: string;
  command: string;
  config: Record<string, unknown>;
  output: Output;
}

const NO_ATTACHMENT: Attachment = { containerID: '', netns: '', ifname: '', args: '', capabilityArgs: undefined };

export class ListDriver {
  readonly invocations: Invocation[] = [];
  readonly #list: NetworkList;
  readonly #machine: Machine;
  readonly #executor: Executor;
  readonly #path: string;

  constructor(list: NetworkList, machine: Machine, executor: Executor, path: string) {
    this.#list = list;
    this.#machine = machine;
    this.#executor = executor;
    this.#path = path;
  }

  /** Throws `CNIError` when there is no such plugin, or it failed. */
  #call(
    listed: ListedPlugin,
    command: string,
    config: Record<string, unknown>,
    { containerID, netns, ifname, args }: Attachment,
  ): Record<string, unknown> | undefined {
    const plugin = this.#executor.find(listed.type, this.#path);
    this.#machine.work.spend(sizeOf(config));
    const environment = { command, containerID, netns, ifname, args, path: this.#path };
    const output = this.#executor.run(plugin, environment, { value: config });
    this.invocations.push({ plugin: listed.type, command, config, output });
    return resultOf(output);
  }

  add(attachment: Attachment): void {
    const { plugins, name, cniVersion } = this.#list;
    let result: Result | undefined;
    for (const listed of plugins)
      result = wrapping(`plugin type="${listed.type}" failed (add)`, () => {
        this.#executor.find(listed.type, this.#path);
        checkContainerID(attachment.containerID);
        checkNetworkName(name);
        checkInterfaceName(attachment.ifname);
        const config = pluginConfig(this.#list, listed, result, attachment.capabilityArgs);
        return readPrinted(this.#call(listed, 'ADD', config, attachment), cniVersion);
      });
    if (result) remember(this.#machine, name, attachment, result);
  }

  check(attachment: Attachment): void {
    const { plugins, name, cniVersion, disableCheck } = this.#list;
    if (!isAtLeast(cniVersion, '0.4.0')) fail(`configuration version "${cniVersion}" does not support CHECK command`);
    if (disableCheck) return;
    const result = recall(this.#machine, name, cniVersion, attachment);
    for (const listed of plugins)
      this.#call(listed, 'CHECK', pluginConfig(this.#list, listed, result, attachment.capabilityArgs), attachment);
  }

  /** Backwards, and no further than the first that fails. */
  del(attachment: Attachment): void {
    const { plugins, name, cniVersion } = this.#list;
    const result = isAtLeast(cniVersion, '0.4.0')
      ? recallOrForget(this.#machine, name, cniVersion, attachment)
      : undefined;
    for (const listed of plugins.toReversed())
      wrapping(`plugin type="${listed.type}" failed (delete)`, () => {
        const config = pluginConfig(this.#list, listed, result, attachment.capabilityArgs);
        this.#call(listed, 'DEL', config, attachment);
      });
    forget(this.#machine, name, attachment);
  }

  /** What is cached and no longer valid is deleted; then each plugin may tidy up by itself. Goes on after failures. */
  gc(valid: readonly { containerID: string; ifname: string }[] | undefined): void {
    const { plugins, name, cniVersion, disableGC } = this.#list;
    if (disableGC) return;
    const errors: string[] = [];
    const trying = (what: string, work: () => void): void => {
      try {
        work();
      } catch (error) {
        if (!(error instanceof CNIError)) throw error;
        errors.push(`${what}: ${error}`);
      }
    };
    const isValid = ({ containerID, ifname }: Attachment): boolean =>
      valid?.some((one) => one.containerID === containerID && one.ifname === ifname) ?? false;
    for (const attachment of attachmentsOf(this.#machine, name)) {
      this.#machine.work.spend(valid?.length ?? 0);
      const what = `failed to delete stale attachment ${attachment.containerID} ${attachment.ifname}`;
      if (!isValid(attachment)) trying(what, () => this.del(attachment));
    }
    if (isKnownAtLeast(cniVersion, '1.1.0'))
      for (const listed of plugins) {
        const known = valid ? { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid } : {};
        const config = { ...pluginConfig(this.#list, listed, undefined, undefined), ...known };
        trying(`failed to GC plugin ${listed.type}`, () => void this.#call(listed, 'GC', config, NO_ATTACHMENT));
      }
    if (errors.length > 0) fail(errors.join('\n'));
  }

  status(): void {
    const { plugins, cniVersion } = this.#list;
    if (!isKnownAtLeast(cniVersion, '1.1.0')) return;
    for (const listed of plugins)
      this.#call(listed, 'STATUS', pluginConfig(this.#list, listed, undefined, undefined), NO_ATTACHMENT);
  }
}
