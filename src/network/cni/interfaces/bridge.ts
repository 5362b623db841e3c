/** The plugin bridge: a pod's interface is a port of a bridge on the host. Source: containernetworking/plugins plugins/main/bridge. */
import { quoteGo } from '../../../objects/go-quote.ts';
import type { IPNet } from '../../ip-addresses.ts';
import { addByIPAM, releaseByIPAM } from '../delegated-ipam.ts';
import { fail, wrapping } from '../errors.ts';
import { addBridge, enslave, isBridge, linkNamed, setUp } from '../kernel/links.ts';
import type { Link, Machine, Namespace } from '../machine.ts';
import { setUpMasquerade, tearDownMasquerade } from '../masquerade.ts';
import { isDNSGiven } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, emptyResult, newInterface, printResult, type Result } from '../result.ts';
import { ALL_VERSIONS } from '../versions.ts';
import { checkBridgeAttachment } from './bridge-check.ts';
import { type BridgeConfig, loadBridgeConfig, readBridgeConfig } from './bridge-config.ts';
import { makeGateway, planGateways } from './bridge-gateway.ts';
import { configureInterface } from './configure.ts';
import { openNamespace, removeInterface, setUpVeth } from './veth.ts';

interface BridgeInUse {
  bridge: Link;
  /** Its hardware address before the pod's port comes. */
  mac: string;
}

function ensureBridge(machine: Machine, { bridge: name, mtu, promiscMode }: BridgeConfig): BridgeInUse {
  const { host } = machine.network;
  if (!linkNamed(host, name)) wrapping(`could not add ${quoteGo(name)}`, () => addBridge(machine, name, mtu));
  const bridge = linkNamed(host, name)!;
  if (promiscMode) bridge.promisc = true;
  if (!isBridge(bridge)) fail(`${quoteGo(name)} already exists but is not a bridge`);
  setUp(host, bridge);
  return { bridge, mac: bridge.mac };
}

function addPort(call: PluginCall, config: BridgeConfig, namespace: Namespace, inUse: BridgeInUse): Result {
  const { netns, ifname } = call.environment;
  const { machine } = call;
  const { mtu, mac, hairpinMode, portIsolation } = config;
  const pair = setUpVeth(machine, namespace, { netns, ifname, mtu, mac });
  enslave(machine, pair.host, inUse.bridge);
  pair.host.hairpin = hairpinMode;
  pair.host.isolated = portIsolation;
  const interfaces = [
    newInterface(config.bridge, ''),
    newInterface(pair.host.name, pair.host.mac),
    newInterface(ifname, pair.container.mac, netns),
  ];
  return { ...emptyResult(), interfaces };
}

/** Addresses, by what IPAM says. */
function addAddresses(
  call: PluginCall,
  config: BridgeConfig,
  namespace: Namespace,
  inUse: BridgeInUse,
  result: Result,
): void {
  const { ipam, ipMasq, ipMasqBackend, name: network } = config;
  const { ifname, containerID } = call.environment;
  const { ips, routes, dns } = addByIPAM(call, ipam.type);
  try {
    Object.assign(result, { ips, routes, dns });
    if (ips.length === 0) fail('IPAM plugin returned missing IP config');
    const planned = planGateways(result, config);
    configureInterface(namespace, ifname, result);
    if (config.isGateway) makeGateway(call.machine, inUse, planned, config.forceAddress);
    const nets: IPNet[] = ips.flatMap(({ address }) => address ?? []);
    if (ipMasq) setUpMasquerade(call.machine, ipMasqBackend, nets, { network, ifname, containerID });
  } catch (error) {
    releaseByIPAM(call, ipam.type);
    throw error;
  }
}

export const bridgePlugin: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const config = loadBridgeConfig(call);
    const hasIPAM = config.ipam.type !== '';
    if (hasIPAM && config.disableContainerInterface) fail('cannot use IPAM when DisableContainerInterface flag is set');
    config.isGateway ||= config.isDefaultGateway;
    if (config.hairpinMode && config.promiscMode) fail('cannot set hairpin mode and promiscuous mode at the same time');
    const { machine } = call;
    const { netns, ifname } = call.environment;
    const inUse = wrapping(`failed to create bridge ${quoteGo(config.bridge)}`, () => ensureBridge(machine, config));
    const namespace = openNamespace(machine, netns);
    const result = addPort(call, config, namespace, inUse);
    if (hasIPAM) addAddresses(call, config, namespace, inUse, result);
    else if (!config.disableContainerInterface) setUp(namespace, linkNamed(namespace, ifname)!);
    result.interfaces[0]!.mac = inUse.bridge.mac;
    if (isDNSGiven(config.dns)) result.dns = config.dns;
    return printResult(convertResult(result, config.cniVersion));
  },

  /** A namespace that is gone has taken its addresses with it: what masquerades them stays. */
  del(call) {
    const config = loadBridgeConfig(call);
    const { netns, ifname, containerID } = call.environment;
    const { type } = config.ipam;
    const nets = netns === '' ? undefined : removeInterface(call.machine, netns, ifname);
    if (type !== '') call.delegate(type, 'DEL');
    if (nets && type !== '' && config.ipMasq)
      tearDownMasquerade(call.machine, nets, { network: config.name, ifname, containerID });
  },

  check: checkBridgeAttachment,

  status(call) {
    const { ipam } = readBridgeConfig(call);
    if (ipam.type !== '') call.delegate(ipam.type, 'STATUS');
  },
};
