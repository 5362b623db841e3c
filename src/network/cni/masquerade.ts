/** Masquerading of what leaves a pod's network, by iptables or nftables. Source: containernetworking/plugins pkg/ip/ipmasq_linux.go. */
import { quoteGo } from '../../objects/go-quote.ts';
import { type IPNet, networkOf, printIP, printNet } from '../ip-addresses.ts';
import { hashedName } from './draws.ts';
import { CNIError, fail } from './errors.ts';
import { commented, IPTables, ignoringNotExist } from './kernel/iptables.ts';
import { commentOf, NftTransaction } from './kernel/nftables.ts';
import type { Machine } from './machine.ts';

const CHAIN_NAME_LENGTH = 28;
const MULTICAST = { 4: '224.0.0.0/4', 6: 'ff00::/8' } as const;

const NFT_TABLE = 'cni_plugins_masquerade';
const NFT_CHAIN = 'masq_checks';
const HASH_LENGTH = 16;
/** Of a comment in nftables. */
export const MAX_COMMENT = 128;

/** A chain of iptables for one attachment. */
export const chainName = (name: string, id: string, prefix = ''): string =>
  hashedName(`CNI-${prefix}`, name + id, CHAIN_NAME_LENGTH);

export interface MasqueradedAttachment {
  network: string;
  ifname: string;
  containerID: string;
}

/** iptables knows no interface. */
const iptablesNames = ({ network, containerID }: MasqueradedAttachment) => ({
  chain: chainName(network, containerID),
  comment: commented(`name: ${quoteGo(network)} id: ${quoteGo(containerID)}`),
});

function addIPTables(machine: Machine, nets: readonly IPNet[], attachment: MasqueradedAttachment): void {
  const { chain, comment } = iptablesNames(attachment);
  for (const net of nets) {
    const { family } = net.ip;
    const tables = new IPTables(machine, family);
    tables.ensureChain('nat', chain);
    tables.ensureRule('nat', chain, ['-d', printNet(net), '-j', 'ACCEPT', ...comment]);
    tables.ensureRule('nat', chain, ['!', '-d', MULTICAST[family], '-j', 'MASQUERADE', ...comment]);
    tables.ensureRule('nat', 'POSTROUTING', ['-s', printIP(net.ip), '-j', chain, ...comment]);
  }
}

function removeIPTables(machine: Machine, net: IPNet, attachment: MasqueradedAttachment): void {
  const { chain, comment } = iptablesNames(attachment);
  const tables = new IPTables(machine, net.ip.family);
  // Releases before wrote the whole network.
  for (const source of [printIP(net.ip), printNet(net)])
    ignoringNotExist(() => tables.delete('nat', 'POSTROUTING', ['-s', source, '-j', chain, ...comment]));
  tables.clearChain('nat', chain);
  ignoringNotExist(() => tables.deleteChain('nat', chain));
}

const hashOf = ({ network, ifname, containerID }: MasqueradedAttachment): string =>
  `${hashedName('', network, HASH_LENGTH)}-${hashedName('', `${ifname}:${containerID}`, HASH_LENGTH)}`;

function commentFor(attachment: MasqueradedAttachment): string {
  const [network, ifname, id] = [attachment.network, attachment.ifname, attachment.containerID].map((part) =>
    part.replaceAll('"', ''),
  );
  return `${hashOf(attachment)}, net: ${network}, if: ${ifname}, id: ${id}`.slice(0, MAX_COMMENT);
}

const isOf = (attachment: MasqueradedAttachment) => (rule: string) =>
  commentOf(rule)?.startsWith(hashOf(attachment)) ?? false;

function addNFTables(machine: Machine, nets: readonly IPNet[], attachment: MasqueradedAttachment): void {
  const nft = new NftTransaction(machine, 'inet', NFT_TABLE);
  nft.ensureTable('Masquerading for plugins from github.com/containernetworking/plugins');
  const about = 'Masquerade traffic from certain IPs to any (non-multicast) IP outside their subnet';
  const checks = nft.ensureChain(NFT_CHAIN, `comment "${about}"`);
  const hook = 'type nat hook postrouting priority srcnat; policy accept;';
  const postrouting = nft.ensureChain('postrouting', hook);
  postrouting.rules = [];
  nft.add(postrouting, `ip daddr ${MULTICAST[4]} return`);
  nft.add(postrouting, `ip6 daddr ${MULTICAST[6]} return`);
  nft.add(postrouting, `goto ${NFT_CHAIN}`);
  const isStale = isOf(attachment);
  checks.rules = checks.rules.filter((rule) => !isStale(rule));
  for (const net of nets) {
    const ip = net.ip.family === 4 ? 'ip' : 'ip6';
    const outside = `${ip} daddr != ${printNet(networkOf(net))}`;
    nft.add(checks, `${ip} saddr ${printIP(net.ip)} ${outside} masquerade`, commentFor(attachment));
  }
  nft.commit();
}

function removeNFTables(machine: Machine, attachment: MasqueradedAttachment): void {
  const nft = new NftTransaction(machine, 'inet', NFT_TABLE);
  const checks = nft.chain(NFT_CHAIN);
  if (!checks) return;
  const isStale = isOf(attachment);
  checks.rules = checks.rules.filter((rule) => !isStale(rule));
  nft.commit();
}

/** Throws `CNIError`. */
export function setUpMasquerade(
  machine: Machine,
  backend: string | undefined,
  nets: readonly IPNet[],
  attachment: MasqueradedAttachment,
): void {
  if (backend === undefined || backend === 'iptables') addIPTables(machine, nets, attachment);
  else if (backend === 'nftables') addNFTables(machine, nets, attachment);
  else fail(`unknown ipmasq backend ${quoteGo(backend)}`);
}

/** By both: nobody knows any more by which it was set up. Throws `CNIError`. */
export function tearDownMasquerade(machine: Machine, nets: readonly IPNet[], attachment: MasqueradedAttachment): void {
  const errors: string[] = [];
  for (const net of nets) {
    try {
      removeIPTables(machine, net, attachment);
    } catch (error) {
      if (!(error instanceof CNIError)) throw error;
      errors.push(error.message);
    }
  }
  removeNFTables(machine, attachment);
  if (errors.length > 0) fail(errors.join('\n'));
}
