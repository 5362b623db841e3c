/** Running plugins as programs: where they are found, and what becomes of their output. Source: containernetworking/cni pkg/invoke. */
import { quoteGo } from '../../objects/go-quote.ts';
import { CNIError, type ErrorResult, fail } from './errors.ts';
import type { Machine } from './machine.ts';
import type { Environment, Output, Plugin, Stdin } from './plugin.ts';
import { runPlugin } from './plugin-main.ts';

/** Folders in which distributions put the reference plugins. Any other is empty. */
const PLUGIN_FOLDERS = new Set(['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni', '/usr/local/lib/cni']);

/** Plugins that call plugins that call plugins. */
export const MAX_DELEGATION_DEPTH = 8;

export type PluginTable = Readonly<Record<string, Plugin>>;

/** Throws `CNIError`. */
export function findPlugin(plugins: PluginTable, name: string, path: string): Plugin {
  if (name === '') fail('no plugin name provided');
  if (name.includes('/')) fail(`invalid plugin name: ${name}`);
  const folders = path === '' ? [] : path.split(':');
  if (folders.length === 0) fail('no paths provided');
  const isThere = folders.some((folder) => PLUGIN_FOLDERS.has(folder.replace(/\/+$/, '')));
  if (isThere && Object.hasOwn(plugins, name)) return plugins[name]!;
  return fail(`failed to find plugin ${quoteGo(name)} in path [${folders.join(' ')}]`);
}

/** What the process wrote, as indented JSON. */
export const stdoutOf = ({ documents }: Output): string =>
  documents.map((document) => JSON.stringify(document, null, 4)).join('');

/** The error that a caller makes of a process that failed. */
function failureOf(output: Output): CNIError {
  const [only, second] = output.documents;
  if (!only) return new CNIError(`netplugin failed with no error message: exit status ${output.exitCode}`, 0);
  if (second) {
    const why = "invalid character '{' after top-level value";
    const said = quoteGo(stdoutOf(output));
    return new CNIError(`netplugin failed but error parsing its diagnostic message ${said}: ${why}`, 0);
  }
  const { code, msg, details } = only as unknown as ErrorResult;
  return new CNIError(msg, code, details);
}

/** What it printed. Throws `CNIError` when it failed. */
export function resultOf(output: Output): Record<string, unknown> | undefined {
  if (output.exitCode !== 0) throw failureOf(output);
  return output.documents[0];
}

export class Executor {
  readonly #plugins: PluginTable;
  readonly #machine: Machine;

  constructor(plugins: PluginTable, machine: Machine) {
    this.#plugins = plugins;
    this.#machine = machine;
  }

  /** Throws `CNIError` where there is no such plugin. */
  find(name: string, path: string): Plugin {
    return findPlugin(this.#plugins, name, path);
  }

  run(plugin: Plugin, environment: Environment, stdin: Stdin, depth = 0): Output {
    this.#machine.work.spend(1);
    const delegate = (name: string, command: string): Record<string, unknown> | undefined => {
      if (depth >= MAX_DELEGATION_DEPTH) fail(`too many plugins call plugins: ${name}`);
      const other = this.find(name, environment.path);
      return resultOf(this.run(other, { ...environment, command }, stdin, depth + 1));
    };
    return runPlugin(plugin, environment, stdin, { machine: this.#machine, delegate });
  }
}
