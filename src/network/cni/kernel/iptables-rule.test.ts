import { expect, it } from 'vitest';
import { MAX_PORT } from '../../packet/packet.ts';
import { MAX_MULTIPORTS, printRule } from './iptables-rule.ts';

const print = (args: string, family: 4 | 6 = 4): string => printRule(args.split(' '), family, (name) => name === 'OWN');

it.each([
  ['-p tcp --dport 80 -s 10.22.0.2/24 -j OWN', '-s 10.22.0.0/24 -p tcp -m tcp --dport 80 -j OWN'],
  ['-p TCP --dport 80 -s 0.0.0.0/0 -j RETURN', '-p tcp -m tcp --dport 80 -j RETURN'],
  ['! -d 224.0.0.0/4 -j MASQUERADE -m comment --comment x', '! -d 224.0.0.0/4 -m comment --comment x -j MASQUERADE'],
  ['-i cni0 ! -o cni0 -j DROP', '-i cni0 ! -o cni0 -j DROP'],
  [
    '-m multiport -p udp --destination-ports 53,5353 ! -s 10.0.0.0/8 -j OWN',
    '! -s 10.0.0.0/8 -p udp -m multiport --dports 53,5353 -j OWN',
  ],
  ['-m mark --mark 0x2000/0x2000 -j MASQUERADE', '-m mark --mark 0x2000/0x2000 -j MASQUERADE'],
  ['-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
])('prints %s as iptables-save does', (args, line) => {
  expect(print(args)).toBe(line);
});

it('quotes what a shell would take apart', () => {
  const args = ['-m', 'comment', '--comment', 'name: "podnet" id: \'c1\'', '-j', 'DROP'];
  expect(printRule(args, 4, () => false)).toBe('-m comment --comment "name: \\"podnet\\" id: \\\'c1\\\'" -j DROP');
});

it('refuses what iptables refuses', () => {
  expect(print(`-p tcp --dport ${MAX_PORT} -j DROP`)).toContain(`--dport ${MAX_PORT}`);
  expect(() => print(`-p tcp --dport ${MAX_PORT + 1} -j DROP`)).toThrow('invalid port/service');
  expect(() => print('-p icmp --dport 80 -j DROP')).toThrow('unknown option "--dport"');
  expect(() => print('-p nonsense -j DROP')).toThrow('unknown protocol "nonsense" specified');
  expect(() => print('-s fd00::1 -j DROP')).toThrow("host/network `fd00::1' not found");
  expect(() => print('-j OTHER')).toThrow("Chain 'OTHER' does not exist");
});

it('refuses of ports what the match multiport and DNAT refuse', () => {
  const counted = (count: number): string => `-m multiport -p tcp --dports ${Array(count).fill('7').join(',')} -j DROP`;
  expect(print(counted(MAX_MULTIPORTS))).toContain('--dports 7,7');
  expect(() => print(counted(MAX_MULTIPORTS + 1))).toThrow('too many ports specified');
  expect(() => print('-m multiport -p icmp --dports 80 -j DROP')).toThrow('multiport only works with TCP');
  expect(() => print('-m multiport --dports 80 -j DROP')).toThrow('multiport needs `-p tcp');
  expect(print('-p udplite -m multiport --dports 80 -j DROP')).toBe('-p udplite -m multiport --dports 80 -j DROP');
  expect(() => print('-p udplite --dport 80 -j DROP')).toThrow('unknown option "--dport"');
  expect(() => print('-m multiport -p tcp --destination-ports 80 --dport 81 -j DROP')).toThrow(
    'multiport: option "--destination-ports" can only be used once.',
  );
  expect(() => print('-m multiport -p tcp --destination-ports 80 --sport 81 -j DROP')).toThrow(
    'option "--source-ports" cannot be used together with "--destination-ports".',
  );
  const sent = (port: number): string => `-p tcp --dport 1 -j DNAT --to-destination 10.0.0.1:${port}`;
  expect(print(sent(MAX_PORT))).toContain(`10.0.0.1:${MAX_PORT}`);
  expect(() => print(sent(MAX_PORT + 1))).toThrow("Port `65536' not valid");
  expect(() => print('-s 10.0.0.1 -s 10.0.0.2 -j DROP')).toThrow('multiple -s flags not allowed');
});
