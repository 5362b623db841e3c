/** The plugin ptp: a pair of devices between pod and host, and routes over it. Source: containernetworking/plugins plugins/main/ptp. */
import { alone, FAMILY_BITS, type IPNet, networkOf, printIP, printNet } from '../../ip-addresses.ts';
import { addByIPAM, releaseByIPAM } from '../delegated-ipam.ts';
import { fail, wrapping } from '../errors.ts';
import { unlessThere } from '../kernel/errno.ts';
import { addAddress, linkNamed } from '../kernel/links.ts';
import { addRoute, deleteRoute, HOST_SCOPE, LINK_SCOPE, type RouteRequest } from '../kernel/routes.ts';
import { FORWARDING, type Link, type Machine, type Namespace } from '../machine.ts';
import { setUpMasquerade, tearDownMasquerade } from '../masquerade.ts';
import { isDNSGiven, NETWORK_FIELDS } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import {
  convertResult,
  newInterface,
  printResult,
  type Result,
  type ResultInterface,
  readPrevResult,
  toCurrent,
} from '../result.ts';
import { decode, flag, int, optional, struct, text } from '../shape.ts';
import { ALL_VERSIONS } from '../versions.ts';
import { configureInterface } from './configure.ts';
import { expectResult } from './expectations.ts';
import { openNamespace, removeInterface, setUpVeth } from './veth.ts';

/** The pod's interface among those of the result. */
const CONTAINER_INTERFACE = 1;

const shape = struct('main.NetConf', { ...NETWORK_FIELDS, ipMasq: flag, ipMasqBackend: optional(text), mtu: int });

const load = ({ config }: PluginCall) => wrapping('failed to load netconf', () => decode(shape, config));

const ofEach = (result: Result): { address: IPNet; gateway: Result['ips'][number]['gateway'] }[] =>
  result.ips.flatMap(({ address, gateway }) => (address ? [{ address, gateway }] : []));

/** As the library prints one that a plugin asks for. */
const printAsked = (index: number, { dst, source, gateway }: Partial<RouteRequest>): string =>
  `{Ifindex: ${index} Dst: ${dst ? printNet(dst) : '<nil>'} Src: ${printIP(source)} Gw: ${printIP(gateway)} Flags: [] Table: 0 Realm: 0}`;

/** All traffic goes by the gateway, and the way to that is over the device alone. */
function routeByGateway(namespace: Namespace, dev: string, result: Result): void {
  const index = namespace.links.findIndex(({ name }) => name === dev) + 1;
  for (const { address, gateway } of ofEach(result)) {
    const { family } = address.ip;
    const dst = networkOf(address);
    wrapping(`failed to delete route ${printAsked(index, { dst })}`, () => deleteRoute(namespace, dev, dst));
    const shared = { family, dev, source: address.ip, exclusive: true };
    const asked: RouteRequest[] = [
      { ...shared, dst: gateway && alone(gateway), scope: LINK_SCOPE },
      { ...shared, dst, gateway },
    ];
    for (const route of asked)
      wrapping(`failed to add route ${printAsked(index, route)}`, () => addRoute(namespace, route));
  }
}

function setUpPod(call: PluginCall, namespace: Namespace, mtu: number, result: Result): Link {
  const { netns, ifname } = call.environment;
  const pair = setUpVeth(call.machine, namespace, { netns, ifname, mtu, mac: '' });
  for (const ip of result.ips) ip.interface = CONTAINER_INTERFACE;
  result.interfaces = [newInterface(pair.host.name, pair.host.mac), newInterface(ifname, pair.container.mac, netns)];
  configureInterface(namespace, ifname, result);
  routeByGateway(namespace, ifname, result);
  return pair.host;
}

/** The host's end has the gateway's address, and the way to the pod's. */
function setUpHost({ network }: Machine, link: Link, result: Result): void {
  for (const { address, gateway } of ofEach(result)) {
    const { family } = address.ip;
    const mask = Array.from({ length: FAMILY_BITS[family] / 8 }, () => '0xff').join(', ');
    const shown = gateway ? printNet(alone(gateway)) : `&net.IPNet{IP:net.IP(nil), Mask:net.IPMask{${mask}}}`;
    wrapping(`failed to add IP addr (${shown}) to veth`, () =>
      addAddress(network.host, link, gateway && alone(gateway)),
    );
    const dst = alone(address.ip);
    wrapping('failed to add route on host', () =>
      unlessThere(() => addRoute(network.host, { dst, family, dev: link.name, scope: HOST_SCOPE, exclusive: true })),
    );
  }
}

function attach(call: PluginCall, config: ReturnType<typeof load>, result: Result): void {
  const { machine } = call;
  const { netns, ifname, containerID } = call.environment;
  if (result.ips.length === 0) fail('IPAM plugin returned missing IP config');
  for (const { address } of ofEach(result)) machine.network.host.sysctls[FORWARDING[address.ip.family]] = '1';
  const namespace = openNamespace(machine, netns);
  setUpHost(machine, setUpPod(call, namespace, config.mtu, result), result);
  if (!config.ipMasq) return;
  const nets = ofEach(result).map(({ address }) => address);
  setUpMasquerade(machine, config.ipMasqBackend, nets, { network: config.name, ifname, containerID });
}

function checkInterface(namespace: Namespace, { name, sandbox, mac }: ResultInterface): void {
  if (name === '') fail('Container interface name missing in prevResult: ');
  const link = linkNamed(namespace, name) ?? fail(`ptp: Container Interface name in prevResult: ${name} not found`);
  if (sandbox === '') fail(`ptp: Error: Container interface ${name} should not be in host namespace`);
  if (link.type !== 'veth') fail(`Error: Container interface ${name} not of type veth/p2p`);
  if (mac !== '' && mac !== link.mac)
    fail(`ptp: Interface ${name} Mac ${mac} doesn't match container Mac: ${link.mac}`);
}

export const ptp: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const config = load(call);
    const result = addByIPAM(call, config.ipam.type);
    try {
      attach(call, config, result);
    } catch (error) {
      releaseByIPAM(call, config.ipam.type);
      throw error;
    }
    if (isDNSGiven(config.dns)) result.dns = config.dns;
    return printResult(convertResult(result, config.cniVersion));
  },

  del(call) {
    const { ipam, ipMasq, name: network } = load(call);
    const { netns, ifname, containerID } = call.environment;
    call.delegate(ipam.type, 'DEL');
    const nets = netns === '' ? undefined : removeInterface(call.machine, netns, ifname);
    if (nets && nets.length > 0 && ipMasq) tearDownMasquerade(call.machine, nets, { network, ifname, containerID });
  },

  check(call) {
    const { ipam, cniVersion, prevResult } = load(call);
    const { netns, ifname } = call.environment;
    const namespace = openNamespace(call.machine, netns);
    call.delegate(ipam.type, 'CHECK');
    if (!prevResult) return fail('ptp: Required prevResult missing');
    const result = toCurrent(readPrevResult(cniVersion, prevResult));
    const own = result.interfaces.findLast(({ name, sandbox }) => name === ifname && sandbox === netns);
    if (!own) return fail(`Sandbox in prevResult  doesn't match configured netns: ${netns}`);
    checkInterface(namespace, own);
    return expectResult(namespace, ifname, result);
  },

  status(call) {
    call.delegate(load(call).ipam.type, 'STATUS');
  },
};
