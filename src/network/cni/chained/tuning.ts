/** The plugin tuning: sysctls and attributes of a pod's interface. Source: containernetworking/plugins plugins/meta/tuning. */

import { loadArgs } from '../environment.ts';
import { fail, wrapping } from '../errors.ts';
import { parseMAC } from '../interfaces/veth.ts';
import { linkNamed, setMAC, setMTU } from '../kernel/links.ts';
import { existingNamespace, type Link, type Namespace, namespaceAt } from '../machine.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, printResult, readPrevResult, toCurrent } from '../result.ts';
import { decode, flag, int, map, optional, type Read, struct, text } from '../shape.ts';
import { ALL_VERSIONS } from '../versions.ts';

const DEFAULT_TXQLEN = 1000;
const SYSCTL_ROOT = '/proc/sys/';

const shape = struct('main.TuningConf', {
  ...NETWORK_FIELDS,
  dataDir: text,
  sysctl: map(text),
  mac: text,
  promisc: flag,
  mtu: int,
  txQLen: optional(int),
  allmulti: optional(flag),
  runtimeConfig: struct('struct', { mac: text }),
  args: optional(
    struct('struct', {
      cni: optional(
        struct('main.IPAMArgs', {
          sysctl: optional(map(text)),
          mac: optional(text),
          promisc: optional(flag),
          mtu: optional(int),
          allmulti: optional(flag),
          txQLen: optional(int),
        }),
      ),
    }),
  ),
});

type Config = Read<typeof shape>;
type Settings = Pick<Config, 'mac' | 'promisc' | 'mtu' | 'txQLen' | 'allmulti'>;

/** The later one counts: the configuration, CNI_ARGS, the runtime, `args`. */
function load({ config, environment }: PluginCall): Config {
  const read = wrapping('failed to load netconf', () => decode(shape, config));
  loadArgs(environment.args, {
    MAC(value) {
      if (value !== '') read.mac = value;
    },
  });
  if (read.runtimeConfig.mac !== '') read.mac = read.runtimeConfig.mac;
  const given = read.args?.cni;
  if (!given) return read;
  return {
    ...read,
    sysctl: { ...read.sysctl, ...given.sysctl },
    mac: given.mac ?? read.mac,
    promisc: given.promisc ?? read.promisc,
    mtu: given.mtu ?? read.mtu,
    txQLen: given.txQLen ?? read.txQLen,
    allmulti: given.allmulti ?? read.allmulti,
  };
}

const linkOf = (namespace: Namespace, ifname: string): Link =>
  linkNamed(namespace, ifname) ?? fail(`failed to get "${ifname}": Link not found`);

/** `net.ipv4.conf.IFNAME.arp_filter` as the file that it is. Throws `CNIError` for what is not of the network. */
function sysctlFile(key: string, ifname: string): string {
  const path = key.replaceAll('.', '/').replace('IFNAME', ifname);
  const isOfNetwork = path.startsWith('net/') && !path.split('/').includes('..');
  return isOfNetwork ? `${SYSCTL_ROOT}${path}` : fail(`invalid net sysctl key: "${path}"`);
}

const hasSettings = ({ mac, mtu, promisc, allmulti, txQLen }: Settings): boolean =>
  mac !== '' || mtu !== 0 || promisc || allmulti !== undefined || txQLen !== undefined;

/** What there was before, in the folder that DEL looks into; only of what is changed. */
const backupOf = (link: Link, { mac, promisc, mtu, allmulti, txQLen }: Settings): Record<string, unknown> => ({
  ...(mac === '' ? {} : { mac: link.mac }),
  ...(promisc ? { promisc: link.promisc ?? false } : {}),
  ...(mtu === 0 ? {} : { mtu: link.mtu }),
  ...(allmulti === undefined ? {} : { allmulti: link.allmulti ?? false }),
  ...(txQLen === undefined ? {} : { txQLen: link.txqlen ?? DEFAULT_TXQLEN }),
});

function setFlag(link: Link, name: 'promisc' | 'allmulti', value: boolean): void {
  if (value) link[name] = true;
  else delete link[name];
}

function setQueueLength(link: Link, length: number): void {
  if (length === DEFAULT_TXQLEN) delete link.txqlen;
  else link.txqlen = length;
}

function apply(link: Link, { mac, promisc, mtu, allmulti, txQLen }: Settings): void {
  if (mac !== '') {
    const parsed = wrapping(`invalid args ${mac} for MAC addr`, () => parseMAC(mac));
    setMAC(link, parsed);
  }
  if (promisc) setFlag(link, 'promisc', true);
  if (mtu !== 0) setMTU(link, mtu);
  if (allmulti !== undefined) setFlag(link, 'allmulti', allmulti);
  if (txQLen !== undefined) setQueueLength(link, txQLen);
}

const backupKey = ({ containerID, ifname }: PluginCall['environment']): string => `${containerID}_${ifname}`;

function checkSysctls({ machine, environment: { netns, ifname } }: PluginCall, config: Config): void {
  const written = machine.containerSysctls[netns] ?? {};
  for (const [key, value] of Object.entries(config.sysctl ?? {})) {
    const file = sysctlFile(key, ifname);
    const current = Object.hasOwn(written, file) ? written[file] : undefined;
    // Of what no plugin has written, nothing is known here.
    if (current !== undefined && current !== value)
      fail(`Error: Tuning configured value of ${file} is ${value}, current value is ${current}`);
  }
}

function checkLink(link: Link, ifname: string, { mac, promisc, mtu, allmulti, txQLen }: Settings): void {
  const expect = (what: string, wanted: unknown, current: unknown): void => {
    if (wanted !== current) fail(`Error: Tuning ${what} is ${wanted}, current value is ${current}`);
  };
  if (mac !== '') expect(`configured Ethernet of ${ifname}`, mac, link.mac);
  if ((link.promisc ?? false) !== promisc)
    fail(`Error: Tuning link ${ifname} configured promisc is ${promisc}, current value is ${link.promisc ? 1 : 0}`);
  if (mtu !== 0) expect(`configured MTU of ${ifname}`, mtu, link.mtu);
  if (allmulti !== undefined) expect(`configured all-multicast mode of ${ifname}`, allmulti, link.allmulti ?? false);
  if (txQLen !== undefined)
    expect(`configured Transmit Queue Length of ${ifname}`, txQLen, link.txqlen ?? DEFAULT_TXQLEN);
}

export const tuning: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const config = load(call);
    const { netns, ifname } = call.environment;
    if (!config.prevResult) return fail('Required prevResult missing');
    const previous = readPrevResult(config.cniVersion, config.prevResult);
    const namespace = existingNamespace(call.machine, call.environment.netns);
    for (const [key, value] of Object.entries(config.sysctl ?? {})) {
      call.machine.containerSysctls[netns] ??= {};
      call.machine.containerSysctls[netns][sysctlFile(key, ifname)] = value;
    }
    if (!hasSettings(config)) return printResult(convertResult(previous, config.cniVersion));
    const link = linkOf(namespace, ifname);
    call.machine.tuned[backupKey(call.environment)] = backupOf(link, config);
    apply(link, config);
    const interfaces = previous.interfaces.map((one) =>
      config.mac !== '' && one.name === ifname ? { ...one, mac: config.mac } : one,
    );
    return printResult(convertResult({ ...previous, interfaces }, config.cniVersion));
  },

  /** What is not as before is no failure. */
  del(call) {
    load(call);
    const { machine, environment } = call;
    const key = backupKey(environment);
    const backup = Object.hasOwn(machine.tuned, key) ? machine.tuned[key] : undefined;
    const namespace = namespaceAt(machine, environment.netns);
    const link = namespace && linkNamed(namespace, environment.ifname);
    if (!backup || !link) return;
    const { mac, promisc, mtu, allmulti, txQLen } = backup as Partial<Settings>;
    if (mtu) link.mtu = mtu;
    if (mac) link.mac = mac;
    if (promisc !== undefined) setFlag(link, 'promisc', promisc);
    if (allmulti !== undefined) setFlag(link, 'allmulti', allmulti);
    if (txQLen !== undefined) setQueueLength(link, txQLen);
    delete machine.tuned[key];
  },

  check(call) {
    const config = load(call);
    if (!config.prevResult) return fail('Required prevResult missing');
    toCurrent(readPrevResult(config.cniVersion, config.prevResult));
    const namespace = existingNamespace(call.machine, call.environment.netns);
    checkSysctls(call, config);
    const { ifname } = call.environment;
    const link = linkNamed(namespace, ifname) ?? fail(`Cannot find container link ${ifname}`);
    return checkLink(link, ifname, config);
  },
};
