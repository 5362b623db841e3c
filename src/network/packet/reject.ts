/** The ways to refuse a packet. */

export const DEFAULT_REJECT = 'icmp-port-unreachable';

/** What `--reject-with` takes, by the word that both families and both languages share. */
const REJECTS: Record<string, string> = {
  'icmp-port-unreachable': DEFAULT_REJECT,
  'icmp6-port-unreachable': DEFAULT_REJECT,
  'port-unreach': DEFAULT_REJECT,
  'icmp-net-unreachable': 'icmp-net-unreachable',
  'icmp-host-unreachable': 'icmp-host-unreachable',
  'icmp6-addr-unreachable': 'icmp-host-unreachable',
  'addr-unreach': 'icmp-host-unreachable',
  'icmp6-no-route': 'icmp-net-unreachable',
  'no-route': 'icmp-net-unreachable',
  'icmp-proto-unreachable': 'icmp-proto-unreachable',
  'icmp-net-prohibited': 'icmp-admin-prohibited',
  'icmp-host-prohibited': 'icmp-admin-prohibited',
  'icmp-admin-prohibited': 'icmp-admin-prohibited',
  'icmp6-adm-prohibited': 'icmp-admin-prohibited',
  'adm-prohibited': 'icmp-admin-prohibited',
  'tcp-reset': 'tcp-reset',
  'tcp-rst': 'tcp-reset',
};

export const rejectKind = (word: string): string | undefined =>
  Object.hasOwn(REJECTS, word) ? REJECTS[word] : undefined;
