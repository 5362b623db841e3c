/** What a plugin is, and what it is called with. */
import type { Machine } from './machine.ts';

/** The environment of a plugin's process. A variable that is not set is as an empty one. */
export interface Environment {
  command: string;
  containerID: string;
  netns: string;
  ifname: string;
  args: string;
  path: string;
}

/** stdin: a JSON value, or why it is none. */
export type Stdin = { value: unknown } | { error: string };

export interface PluginCall {
  environment: Environment;
  config: unknown;
  machine: Machine;
  /** Runs another plugin with the same configuration: what it printed. Throws `CNIError`, as it is told, when it failed. */
  delegate(plugin: string, command: string): Record<string, unknown> | undefined;
}

export interface Plugin {
  versions: readonly string[];
  /** What is printed. */
  add(call: PluginCall): Record<string, unknown>;
  del(call: PluginCall): void;
  check(call: PluginCall): void;
  status?(call: PluginCall): void;
  gc?(call: PluginCall): void;
}

/** How a plugin's process ended. */
export interface Output {
  exitCode: number;
  /** JSON documents on stdout. */
  documents: Record<string, unknown>[];
}
