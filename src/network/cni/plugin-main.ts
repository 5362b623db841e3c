/** What every plugin does before and after its own work, which is the library's. Source: containernetworking/cni pkg/skel. */

import { checkEnvironment, checkNetworkName } from './environment.ts';
import { CNIError, ErrorCode, fail, PluginCrash, wrapping } from './errors.ts';
import { isOwnNamespace } from './machine.ts';
import type { Environment, Output, Plugin, PluginCall, Stdin } from './plugin.ts';
import { decode, struct, text } from './shape.ts';
import { CURRENT_VERSION, checkVersion, isAtLeast, OLDEST_VERSION } from './versions.ts';

const nameShape = struct('struct { Name string "json:\\"name\\"" }', { name: text });
const versionShape = struct('struct { CNIVersion string "json:\\"cniVersion\\"" }', { cniVersion: text });

/** From which version of the configuration on a command is known. */
const SINCE: Record<string, string> = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' };

/** A Go process that ends by a panic. */
const CRASHED = 2;

function readConfig(stdin: Stdin): unknown {
  const prefix = 'error unmarshall network config';
  const refuse = (why: string): never => fail(`${prefix}: ${why}`, ErrorCode.decodingFailure);
  if ('error' in stdin) return refuse(stdin.error);
  try {
    const { name } = decode(nameShape, stdin.value);
    if (name === '') return fail('missing network name', ErrorCode.invalidNetworkConfig);
    checkNetworkName(name);
    return stdin.value;
  } catch (error) {
    if (error instanceof CNIError && error.result.code === ErrorCode.internal) return refuse(error.message);
    throw error;
  }
}

/** The configuration's version. Throws `CNIError`. */
export function configVersion(config: unknown): string {
  try {
    const { cniVersion } = wrapping('decoding version from network config', () => decode(versionShape, config));
    return cniVersion === '' ? OLDEST_VERSION : cniVersion;
  } catch (error) {
    if (error instanceof CNIError) throw new CNIError(error.message, ErrorCode.decodingFailure);
    throw error;
  }
}

/** CHECK, GC and STATUS are younger than the rest. */
function checkSince(command: string, version: string, supported: readonly string[]): void {
  const since = SINCE[command];
  if (since === undefined) return;
  const refuse = (what: string): never =>
    fail(`${what} version does not allow ${command}`, ErrorCode.incompatibleVersion);
  if (!isAtLeast(version, since)) refuse('config');
  if (!supported.some((known) => isAtLeast(known, version))) refuse('plugin');
}

/** What the plugin itself does; what it prints. */
function perform(plugin: Plugin, call: PluginCall): Record<string, unknown> | undefined {
  const { command } = call.environment;
  switch (command) {
    case 'ADD':
      return plugin.add(call);
    case 'DEL':
      plugin.del(call);
      return undefined;
    case 'CHECK':
      plugin.check(call);
      return undefined;
    case 'GC':
      plugin.gc?.(call);
      return undefined;
    default:
      plugin.status?.(call);
      return undefined;
  }
}

const COMMANDS = new Set(['ADD', 'DEL', 'CHECK', 'GC', 'STATUS']);

function run(
  plugin: Plugin,
  environment: Environment,
  stdin: Stdin,
  context: Context,
  documents: Output['documents'],
): void {
  checkEnvironment(environment);
  const { command, netns } = environment;
  if (command === 'VERSION') {
    documents.push({ cniVersion: CURRENT_VERSION, supportedVersions: plugin.versions });
    return;
  }
  const config = readConfig(stdin);
  if (!COMMANDS.has(command)) fail(`unknown CNI_COMMAND: ${command}`, ErrorCode.invalidEnvironment);
  const version = configVersion(config);
  checkSince(command, version, plugin.versions);
  checkVersion(version, plugin.versions);
  const printed = perform(plugin, { environment, config, ...context });
  if (printed) documents.push(printed);
  if ((command === 'ADD' || command === 'DEL') && isOwnNamespace(netns))
    fail("plugin's netns and netns from CNI_NETNS should not be the same", ErrorCode.invalidNetNS);
}

export type Context = Pick<PluginCall, 'machine' | 'delegate'>;

/** A plugin's process, from its start to its end. */
export function runPlugin(plugin: Plugin, environment: Environment, stdin: Stdin, context: Context): Output {
  const documents: Output['documents'] = [];
  // Somebody who runs it by hand is told on stderr what it is.
  if (environment.command === '') return { exitCode: 0, documents };
  try {
    run(plugin, environment, stdin, context, documents);
    return { exitCode: 0, documents };
  } catch (error) {
    if (error instanceof PluginCrash) return { exitCode: CRASHED, documents };
    if (!(error instanceof CNIError)) throw error;
    documents.push({ ...error.result });
    return { exitCode: 1, documents };
  }
}
