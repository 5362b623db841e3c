/** A list of plugins, and each plugin's configuration as the library makes it. Source: containernetworking/cni libcni/conf.go. */
import { isJSONObject } from '../../objects/json.ts';
import { setOwn } from '../../objects/own.ts';
import { fail } from './errors.ts';
import { printResult, type Result } from './result.ts';
import { decode, flag, list, map, raw, struct, text } from './shape.ts';

const listShape = struct('types.NetConfList', {
  cniVersion: text,
  name: text,
  disableCheck: flag,
  disableGC: flag,
  plugins: list(raw),
});
const pluginShape = struct('types.PluginConf', { type: text, capabilities: map(flag) });

export interface ListedPlugin {
  type: string;
  config: Record<string, unknown>;
  capabilities: Record<string, boolean>;
}

export interface NetworkList {
  cniVersion: string;
  name: string;
  disableCheck: boolean;
  disableGC: boolean;
  plugins: ListedPlugin[];
}

/** Throws `CNIError`. */
export function readNetworkList(value: unknown): NetworkList {
  const { cniVersion, name, disableCheck, disableGC, plugins } = decode(listShape, value);
  if (name === '') fail('error parsing configuration list: no name');
  if (!plugins) return fail("error parsing configuration list: no 'plugins' key");
  if (plugins.length === 0) fail('error parsing configuration list: no plugins in list');
  return {
    cniVersion,
    name,
    disableCheck,
    disableGC,
    plugins: plugins.map((config, i) => {
      if (!isJSONObject(config)) return fail(`failed to parse plugin config ${i}`);
      const { type, capabilities } = decode(pluginShape, config);
      if (type === '') fail(`failed to parse plugin config ${i}: error parsing configuration: missing 'type'`);
      return { type, config, capabilities: capabilities ?? {} };
    }),
  };
}

/** With the list's name and version, the result before, and what of the runtime's arguments the plugin can do something with. */
export function pluginConfig(
  { name, cniVersion }: NetworkList,
  { config, capabilities }: ListedPlugin,
  prevResult: Result | undefined,
  capabilityArgs: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const runtimeConfig: Record<string, unknown> = {};
  for (const [capability, isSupported] of Object.entries(capabilities))
    if (isSupported && capabilityArgs && Object.hasOwn(capabilityArgs, capability))
      setOwn(runtimeConfig, capability, capabilityArgs[capability]);
  return {
    ...config,
    name,
    cniVersion,
    ...(prevResult ? { prevResult: printResult(prevResult) } : {}),
    ...(Object.keys(runtimeConfig).length > 0 ? { runtimeConfig } : {}),
  };
}
