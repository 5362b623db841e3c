/** CHECK of the plugin bridge: whether bridge, port and the pod's interface are still as its result says. */
import { fail } from '../errors.ts';
import { isBridge, linkNamed } from '../kernel/links.ts';
import type { Link, Namespace } from '../machine.ts';
import type { PluginCall } from '../plugin.ts';
import { newInterface, type Result, type ResultInterface, readPrevResult, toCurrent } from '../result.ts';
import { type BridgeConfig, loadBridgeConfig } from './bridge-config.ts';
import { expectResult } from './expectations.ts';
import { openNamespace } from './veth.ts';

const NONE = newInterface('', '');

function findLink(namespace: Namespace, { name, sandbox }: ResultInterface, isInPod: boolean): Link {
  if (name === '') fail('Interface name missing ');
  const link = linkNamed(namespace, name) ?? fail(`Interface name ${name} not found`);
  if (isInPod && sandbox === '') fail(`Interface ${name} is expected to be in a sandbox`);
  if (!isInPod && sandbox !== '') fail(`Interface ${name} should not be in sandbox`);
  return link;
}

function checkBridge(host: Namespace, expected: ResultInterface, { promiscMode }: BridgeConfig): void {
  const { name, mac } = expected;
  const link = findLink(host, expected, false);
  if (!isBridge(link)) fail(`Interface ${name} does not have link type of bridge`);
  if (mac !== '' && mac !== link.mac) fail(`Bridge interface ${name} Mac doesn't match: ${mac}`);
  const isPromisc = link.promisc ?? false;
  if (isPromisc !== promiscMode)
    fail(`Bridge interface ${name} configured Promisc Mode ${promiscMode} doesn't match current state: ${isPromisc} `);
}

function checkPodInterface(namespace: Namespace, expected: ResultInterface): Link {
  const { name, mac } = expected;
  const link = findLink(namespace, expected, true);
  if (link.type !== 'veth') fail(`Error: Container interface ${link.name} not of type veth`);
  if (mac !== '' && mac !== link.mac) fail(`Interface ${name} Mac ${mac} doesn't match container Mac: ${link.mac}`);
  return link;
}

/** Whether this is the pod's port of the bridge. */
function isPort(host: Namespace, expected: ResultInterface, pod: Link, bridge: string): boolean {
  const link = findLink(host, expected, false);
  if (link.type !== 'veth' || link.name !== pod.peer?.name || link.peer?.name !== pod.name) return false;
  if (link.master !== bridge) return false;
  if (expected.mac !== '' && expected.mac !== link.mac)
    fail(`Interface ${expected.name} Mac doesn't match: ${expected.mac} not found`);
  return true;
}

function interfacesOf({ interfaces }: Result, config: BridgeConfig, { environment }: PluginCall) {
  let bridge = NONE;
  let pod = NONE;
  for (const one of interfaces) {
    if (one.name === config.bridge) bridge = one;
    else if (one.name === environment.ifname && one.sandbox === environment.netns) pod = one;
  }
  return { bridge, pod, others: interfaces.filter(({ name }) => name !== bridge.name && name !== pod.name) };
}

export function checkBridgeAttachment(call: PluginCall): void {
  const config = loadBridgeConfig(call);
  const { netns, ifname } = call.environment;
  const { host } = call.machine.network;
  const namespace = openNamespace(call.machine, netns);
  if (config.ipam.type !== '') call.delegate(config.ipam.type, 'CHECK');
  const prevResult = config.prevResult ?? fail('Required prevResult missing');
  const result = toCurrent(readPrevResult(config.cniVersion, prevResult));
  const { bridge, pod, others } = interfacesOf(result, config, call);
  checkBridge(host, bridge, config);
  if (netns !== pod.sandbox) fail(`Sandbox in prevResult ${pod.sandbox} doesn't match configured netns: ${netns}`);
  const link = checkPodInterface(namespace, pod);
  if (!others.some((other) => isPort(host, other, link, bridge.name)))
    fail(`CNI veth created for bridge ${config.bridge} was not found`);
  expectResult(namespace, ifname, result);
}
