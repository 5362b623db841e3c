/** The configuration of the plugin portmap, and the pod's addresses from the result before. Source: containernetworking/plugins plugins/meta/portmap. */
import { quoteGo } from '../../../objects/go-quote.ts';
import type { IPNet } from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { PluginCall } from '../plugin.ts';
import type { Result } from '../result.ts';
import { decode, flag, int, list, optional, type Read, struct, text } from '../shape.ts';
import { type Previous, previousOf } from './previous.ts';

/** Kubernetes uses 14 and 15. */
const DEFAULT_MARK_BIT = 13;
export const MAX_MARK_BIT = 31;

const mappingShape = struct('main.PortMapEntry', { hostPort: int, containerPort: int, protocol: text, hostIP: text });
export type PortMapping = Read<typeof mappingShape>;

const shape = struct('main.PortMapConf', {
  ...NETWORK_FIELDS,
  backend: optional(text),
  snat: optional(flag),
  conditionsV4: list(text),
  conditionsV6: list(text),
  masqAll: flag,
  markMasqBit: optional(int),
  externalSetMarkChain: optional(text),
  runtimeConfig: struct('struct', { portMappings: list(mappingShape, '[]main.PortMapEntry') }),
});

type Written = Read<typeof shape>;

export interface PortmapConfig {
  cniVersion: string;
  network: string;
  containerID: string;
  backend: 'iptables' | 'nftables';
  snat: boolean;
  masqAll: boolean;
  conditions: Record<4 | 6, readonly string[]>;
  markBit: number;
  externalSetMarkChain: string | undefined;
  mappings: readonly PortMapping[];
  /** The pod's first address of each family. */
  addresses: Record<4 | 6, IPNet | undefined>;
  previous: Previous | undefined;
}

/** Whose words they are: of iptables each begins with a dash or an exclamation mark. */
function backendOf(conditions: readonly string[] | undefined): 'iptables' | 'nftables' | undefined {
  const first = conditions?.[0];
  if (first === undefined || first === '') return undefined;
  return first.startsWith('-') || first.startsWith('!') ? 'iptables' : 'nftables';
}

function checkBackend({ externalSetMarkChain, conditionsV4, conditionsV6 }: Written, backend: string): void {
  const wrong = backend === 'iptables' ? 'nftables' : 'iptables';
  const options = [
    ...(externalSetMarkChain !== undefined && wrong === 'iptables' ? ['externalSetMarkChain'] : []),
    ...(backendOf(conditionsV4) === wrong ? ['conditionsV4'] : []),
    ...(backendOf(conditionsV6) === wrong ? ['conditionsV6'] : []),
  ];
  if (options.length > 0)
    fail(
      `${backend} backend was requested but configuration contains ${wrong}-specific options [${options.join(' ')}]`,
    );
}

/** Interfaces that are known not to be the pod's don't count. */
function podAddresses({ ips, interfaces }: Result, ifname: string): Record<4 | 6, IPNet | undefined> {
  const found: Record<4 | 6, IPNet | undefined> = { 4: undefined, 6: undefined };
  for (const { address, interface: index } of ips) {
    if (!address) continue;
    const own = index === undefined ? undefined : interfaces[index];
    if (own && (own.name !== ifname || own.sandbox === '')) continue;
    found[address.ip.family] ??= address;
  }
  return found;
}

/** Throws `CNIError`. */
export function loadPortmapConfig({ config, environment }: PluginCall): PortmapConfig {
  const read = wrapping('failed to parse network configuration', () => decode(shape, config));
  const previous = previousOf(read.cniVersion, read.prevResult);
  if (read.markMasqBit !== undefined && read.externalSetMarkChain !== undefined)
    fail('Cannot specify externalSetMarkChain and markMasqBit');
  const markBit = read.markMasqBit ?? DEFAULT_MARK_BIT;
  if (markBit < 0 || markBit > MAX_MARK_BIT) fail(`MasqMarkBit must be between 0 and ${MAX_MARK_BIT}`);
  const backend = read.backend ?? 'iptables';
  checkBackend(read, backend);
  if (backend !== 'iptables' && backend !== 'nftables') return fail(`unrecognized backend ${quoteGo(backend)}`);
  const mappings = read.runtimeConfig.portMappings ?? [];
  for (const { containerPort, hostPort } of mappings) {
    if (containerPort <= 0) fail(`Invalid container port number: ${containerPort}`);
    if (hostPort <= 0) fail(`Invalid host port number: ${hostPort}`);
  }
  return {
    cniVersion: read.cniVersion,
    network: read.name,
    containerID: environment.containerID,
    backend,
    snat: read.snat ?? true,
    masqAll: read.masqAll,
    conditions: { 4: read.conditionsV4 ?? [], 6: read.conditionsV6 ?? [] },
    markBit,
    externalSetMarkChain: read.externalSetMarkChain,
    mappings,
    addresses: previous ? podAddresses(previous.current, environment.ifname) : { 4: undefined, 6: undefined },
    previous,
  };
}
