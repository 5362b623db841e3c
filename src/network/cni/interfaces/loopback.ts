/** The plugin loopback: a pod's `lo` is up. Source: containernetworking/plugins plugins/main/loopback. */
import { quoteGo } from '../../../objects/go-quote.ts';
import { isLoopback, printIP } from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { addressesOf, linkNamed, loopbackUp, setDown, setUp } from '../kernel/links.ts';
import { existingNamespace, type Link, type Machine, type Namespace, NO_MAC, namespaceAt } from '../machine.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, emptyResult, newInterface, printResult, readPrevResult, toCurrent } from '../result.ts';
import { decode, struct } from '../shape.ts';
import { ALL_VERSIONS } from '../versions.ts';

/** Whatever interface is asked for. */
const IFNAME = 'lo';

const shape = struct('types.PluginConf', NETWORK_FIELDS);

function load({ config }: PluginCall) {
  const { cniVersion, prevResult } = wrapping('failed to parse network config', () => decode(shape, config));
  if (!prevResult) return { cniVersion };
  const previous = wrapping('failed to parse prevResult', () => readPrevResult(cniVersion, prevResult));
  wrapping('failed to convert result to current version', () => toCurrent(previous));
  return { cniVersion, previous };
}

function loopbackOf({ network }: Machine, namespace: Namespace): Link {
  // No state says anything of the host's.
  const link = linkNamed(namespace, IFNAME) ?? (namespace === network.host ? loopbackUp() : undefined);
  return link ?? fail('Link not found');
}

/** The first address of a family; another one than of the loopback is refused. */
function addressOf(link: Link, family: 4 | 6) {
  const nets = addressesOf(link, family);
  for (const { ip } of nets)
    if (!isLoopback(ip)) fail(`loopback interface found with non-loopback address ${quoteGo(printIP(ip))}`);
  return nets[0];
}

export const loopback: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const { cniVersion, previous } = load(call);
    const { machine, environment } = call;
    const namespace = existingNamespace(machine, environment.netns);
    const link = loopbackOf(machine, namespace);
    setUp(namespace, link);
    const nets = ([4, 6] as const).flatMap((family) => addressOf(link, family) ?? []);
    if (previous) return printResult(convertResult(previous, cniVersion));
    // The result says of itself that it is of the configuration's version, whatever its form: so it is printed as it is.
    const result = {
      ...emptyResult(),
      cniVersion,
      interfaces: [newInterface(IFNAME, NO_MAC, environment.netns)],
      ips: nets.map((address) => ({ interface: 0, address, gateway: undefined })),
    };
    return printResult(convertResult(result, cniVersion));
  },

  del({ machine, environment: { netns } }) {
    const namespace = netns === '' ? undefined : namespaceAt(machine, netns);
    if (namespace) setDown(namespace, loopbackOf(machine, namespace));
  },

  check({ machine, environment: { netns } }) {
    if (!loopbackOf(machine, existingNamespace(machine, netns)).up) fail('loopback interface is down');
  },
};
