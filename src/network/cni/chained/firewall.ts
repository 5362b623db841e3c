/** The plugin firewall, by iptables: what belongs to a pod may pass. Source: containernetworking/plugins plugins/meta/firewall. */
import { alone, printNet } from '../../ip-addresses.ts';
import { CNIError, fail, wrapping } from '../errors.ts';
import { commented, IPTables } from '../kernel/iptables.ts';
import type { Machine } from '../machine.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, emptyResult, printResult, type Result } from '../result.ts';
import { decode, struct, text } from '../shape.ts';
import { versionsFrom } from '../versions.ts';
import { checkPolicy, setUpIngressPolicy } from './firewall-isolation.ts';
import { previousOf } from './previous.ts';

const TABLE = 'filter';
const CHAIN = 'CNI-FORWARD';
const DEFAULT_ADMIN_CHAIN = 'CNI-ADMIN';
const NO_FIREWALLD = 'dial unix /var/run/dbus/system_bus_socket: connect: no such file or directory';

const shape = struct('main.FirewallNetConf', {
  ...NETWORK_FIELDS,
  backend: text,
  iptablesAdminChainName: text,
  firewalldZone: text,
  ingressPolicy: text,
});

const FORWARD_RULE = [...commented('CNI firewall plugin rules'), '-j', CHAIN];

function load({ config }: PluginCall) {
  const read = wrapping('failed to load netconf', () => decode(shape, config));
  const previous = previousOf(read.cniVersion, read.prevResult);
  const adminChain = read.iptablesAdminChainName || DEFAULT_ADMIN_CHAIN;
  return {
    ...read,
    previous,
    adminRule: [...commented('CNI firewall plugin admin overrides'), '-j', adminChain],
    adminChain,
  };
}

type Config = ReturnType<typeof load>;

/** No machine here runs firewalld. */
function checkBackend({ backend }: Config): void {
  if (backend === 'firewalld') fail(NO_FIREWALLD);
}

/** For each family that the pod has an address of. */
function rulesOf({ ips }: Result): { family: 4 | 6; rules: string[][] }[] {
  return ([4, 6] as const).flatMap((family) => {
    const rules = ips.flatMap(({ address }) => {
      if (address?.ip.family !== family) return [];
      const own = printNet(alone(address.ip));
      return [
        ['-d', own, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'],
        ['-s', own, '-j', 'ACCEPT'],
      ];
    });
    return rules.length > 0 ? [{ family, rules }] : [];
  });
}

function ensureChains(tables: IPTables, adminChain: string): void {
  tables.ensureChain(TABLE, CHAIN);
  tables.ensureChain(TABLE, adminChain);
}

function addRules(machine: Machine, { adminChain, adminRule }: Config, result: Result): void {
  for (const { family, rules } of rulesOf(result)) {
    const tables = new IPTables(machine, family);
    ensureChains(tables, adminChain);
    tables.ensureRule(TABLE, 'FORWARD', FORWARD_RULE, true);
    tables.ensureRule(TABLE, CHAIN, adminRule, true);
    for (const rule of rules) tables.ensureRule(TABLE, CHAIN, rule);
  }
}

/** What is not there is no matter. */
function removeRules(machine: Machine, result: Result): void {
  for (const { family, rules } of rulesOf(result)) {
    const tables = new IPTables(machine, family);
    for (const rule of rules) {
      try {
        tables.delete(TABLE, CHAIN, rule);
      } catch (error) {
        if (!(error instanceof CNIError)) throw error;
      }
    }
  }
}

function checkRules(machine: Machine, { adminChain, adminRule }: Config, result: Result): void {
  for (const { family, rules } of rulesOf(result)) {
    const tables = new IPTables(machine, family);
    ensureChains(tables, adminChain);
    const expect = (chain: string, rule: string[]): void => {
      if (!tables.has(TABLE, chain, rule)) fail(`expected ${chain} rule [${rule.join(' ')}] not found`);
    };
    expect('FORWARD', FORWARD_RULE);
    expect(CHAIN, adminRule);
    for (const rule of rules) if (!tables.has(TABLE, CHAIN, rule)) fail(`expected rule [${rule.join(' ')}] not found`);
  }
}

const NO_PREVIOUS = 'missing prevResult from earlier plugin';

export const firewall: Plugin = {
  versions: versionsFrom('0.4.0'),

  add(call) {
    const config = load(call);
    if (!config.previous) return fail(NO_PREVIOUS);
    checkBackend(config);
    addRules(call.machine, config, config.previous.current);
    setUpIngressPolicy(call.machine, config.ingressPolicy, config.previous.current);
    return printResult(convertResult(config.previous.current, config.cniVersion));
  },

  /** What isolates a bridge stays: others may use it. */
  del(call) {
    const config = load(call);
    checkBackend(config);
    removeRules(call.machine, config.previous?.current ?? emptyResult());
    checkPolicy(config.ingressPolicy);
  },

  check(call) {
    const config = load(call);
    if (!config.previous) return fail(NO_PREVIOUS);
    checkBackend(config);
    return checkRules(call.machine, config, config.previous.current);
  },
};
