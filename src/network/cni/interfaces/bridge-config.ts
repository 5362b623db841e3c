/** The configuration of the plugin bridge. Source: containernetworking/plugins plugins/main/bridge. */
import { loadArgs } from '../environment.ts';
import { fail, wrapping } from '../errors.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { PluginCall } from '../plugin.ts';
import { decode, flag, int, list, optional, type Read, struct, text } from '../shape.ts';

export const MAX_VLAN = 4094;
const DEFAULT_BRIDGE = 'cni0';

const trunkShape = list(
  struct('main.VlanTrunk', { minID: optional(int), maxID: optional(int), id: optional(int) }),
  '[]*main.VlanTrunk',
);

const shape = struct('main.NetConf', {
  ...NETWORK_FIELDS,
  bridge: optional(text),
  isGateway: flag,
  isDefaultGateway: flag,
  forceAddress: flag,
  ipMasq: flag,
  ipMasqBackend: optional(text),
  mtu: int,
  hairpinMode: flag,
  promiscMode: flag,
  vlan: int,
  vlanTrunk: trunkShape,
  preserveDefaultVlan: flag,
  macspoofchk: flag,
  enabledad: flag,
  disableContainerInterface: flag,
  portIsolation: flag,
  args: struct('struct', { cni: struct('main.BridgeArgs', { mac: text }) }),
  runtimeConfig: struct('struct', { mac: text }),
});

/** `bridge` always has a name, `mac` is that of the pod's interface; '': any. */
export type BridgeConfig = Omit<Read<typeof shape>, 'bridge'> & { bridge: string; mac: string };

function checkVlanID(id: number, what: string): void {
  if (id <= 0 || id > MAX_VLAN) fail(`incorrect trunk ${what} parameter`);
}

function checkTrunk(trunk: Read<typeof trunkShape>): void {
  for (const { minID, maxID, id } of trunk ?? []) {
    if (minID !== undefined && maxID !== undefined) {
      checkVlanID(minID, 'minID');
      checkVlanID(maxID, 'maxID');
      if (maxID < minID) fail('minID is greater than maxID in trunk parameter');
    } else if (minID !== undefined || maxID !== undefined) {
      const missing = minID === undefined ? 'minID' : 'maxID';
      fail(`minID and maxID should be configured simultaneously, ${missing} is missing`);
    }
    if (id !== undefined) checkVlanID(id, 'id');
  }
}

/** Without a look at what it says. Throws `CNIError`. */
export const readBridgeConfig = ({ config }: PluginCall): Read<typeof shape> =>
  wrapping('failed to load netconf', () => decode(shape, config));

/** Throws `CNIError`. */
export function loadBridgeConfig(call: PluginCall): BridgeConfig {
  const read = readBridgeConfig(call);
  if (read.vlan < 0 || read.vlan > MAX_VLAN) fail(`invalid VLAN ID ${read.vlan} (must be between 0 and ${MAX_VLAN})`);
  checkTrunk(read.vlanTrunk);
  let mac = '';
  loadArgs(call.environment.args, {
    MAC(value) {
      mac = value;
    },
  });
  // The later one counts: CNI_ARGS, `args`, the runtime.
  return { ...read, bridge: read.bridge ?? DEFAULT_BRIDGE, mac: read.runtimeConfig.mac || read.args.cni.mac || mac };
}
