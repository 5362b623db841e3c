import { expect, it } from 'vitest';
import { printConditions } from './nft-conditions.ts';

// As nft 1.0.6 lists what it was given.
it.each([
  ['ip daddr 192.0.2.0/24', 'ip daddr 192.0.2.0/24'],
  ['ip daddr == 192.0.2.7/24', 'ip daddr 192.0.2.0/24'],
  ['ip daddr != 192.0.2.7/32', 'ip daddr != 192.0.2.7'],
  ['ip daddr 0.0.0.0/0', 'ip daddr 0.0.0.0/0'],
  ['ip saddr {10.0.0.1, 10.0.0.2,10.0.0.0}', 'ip saddr { 10.0.0.0, 10.0.0.1, 10.0.0.2 }'],
  ['ip saddr != { 10.0.0.0/8, 192.168.0.0/16 }', 'ip saddr != { 10.0.0.0/8, 192.168.0.0/16 }'],
  ['iifname eth0', 'iifname "eth0"'],
  ['iifname != eth0 ip daddr 10.0.0.1', 'iifname != "eth0" ip daddr 10.0.0.1'],
  ['iifname { eth0, eth1 }', 'iifname { "eth0", "eth1" }'],
  ['meta iifname "eth*"', 'iifname "eth*"'],
  ['meta mark 5', 'meta mark 0x00000005'],
  ['mark 5', 'meta mark 0x00000005'],
  ['meta mark & 0x10 == 0x10', 'meta mark & 0x00000010 == 0x00000010'],
  ['tcp dport {80,443}', 'tcp dport { 80, 443 }'],
  ['ct state established,related', 'ct state established,related'],
  ['meta l4proto tcp iifname eth0', 'meta l4proto tcp iifname "eth0"'],
  ['ip protocol tcp', 'ip protocol tcp'],
])('lists %s as %s', (given, listed) => {
  expect(printConditions(given.split(' '), 4)).toBe(listed);
});

it('lists those of IPv6', () => {
  expect(printConditions(['ip6', 'daddr', 'fd00::1/64'], 6)).toBe('ip6 daddr fd00::/64');
  expect(printConditions(['ip6', 'daddr', 'fd00:0:0::1'], 6)).toBe('ip6 daddr fd00::1');
});

it.each([
  ['nonsense', 'syntax error, unexpected string'],
  ['-d 1.2.3.4', 'syntax error, unexpected -'],
  ['ip6 daddr fd00::1', 'conflicting protocols specified: ip vs. ip6'],
  ['ip daddr 300.0.0.1', 'Could not resolve hostname: Name or service not known'],
  ['ip daddr 10.0.0.0/33', 'Prefix length 33 is invalid for type of 32 bits width'],
  ['ip daddr', 'syntax error, unexpected fib'],
  ['ip daddr { 10.0.0.1', 'syntax error, unexpected fib'],
])('refuses %s', (given, why) => {
  expect(() => printConditions(given.split(' '), 4)).toThrow(why);
});
