/** One host's hooks: connection tracking, translation, and what is counted. */
import { describe, expect, it } from 'vitest';
import { UNLIMITED_WORK } from '../../simulation/work-budget.ts';
import { INDEXED_RULES } from './chain-index.ts';
import type { Chance } from './chance.ts';
import { Conntrack } from './conntrack.ts';
import { bareHost, flowPacket } from './flow.ts';
import { Notes } from './notes.ts';
import { type Packet, packetAddress, packetText } from './packet.ts';
import { passHost } from './pass-host.ts';
import { parseRules } from './read-all.ts';

const NEVER: Chance = { happens: () => false, oneOf: () => 0 };

function hostWith(rules: string, notes = new Notes()) {
  const host = bareHost([parseRules(rules)], ['172.18.0.2', 'fc00::2']);
  const conntrack = new Conntrack();
  return (packet: Packet, { from = 'elsewhere' as 'elsewhere' | 'itself', now = 0 } = {}) =>
    passHost(host, from, { packet, conntrack, notes, now, chance: NEVER, work: UNLIMITED_WORK, met: [] });
}

const packet = (src: string, dst: string, dport: number, sourcePort = 40_000): Packet => ({
  ...flowPacket({ src, dst, dport, proto: 'tcp' }),
  sourcePort,
});

const answerTo = ({ source, sourcePort, destination, destinationPort, ...rest }: Packet): Packet => ({
  ...rest,
  source: destination,
  sourcePort: destinationPort,
  destination: source,
  destinationPort: sourcePort,
  mark: 0,
});

const table = (name: string, lines: string[]): string => `*${name}\n${lines.join('\n')}\nCOMMIT\n`;

const NAT = table('nat', [
  ':PREROUTING ACCEPT [0:0]',
  ':POSTROUTING ACCEPT [0:0]',
  '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.1.5:8080',
  '-A POSTROUTING -d 10.244.1.5/32 -j MASQUERADE',
]);

describe('a connection on one host', () => {
  it('is translated, and so are its answers and all that follows', () => {
    const pass = hostWith(NAT);
    const first = pass(packet('10.244.0.9', '10.96.0.1', 80));
    expect(packetText(first.packet)).toBe('tcp 172.18.0.2:40000 -> 10.244.1.5:8080');
    const back = pass(answerTo(first.packet));
    expect([back.verdict, packetText(back.packet)]).toEqual(['accept', 'tcp 10.96.0.1:80 -> 10.244.0.9:40000']);
    const next = pass(packet('10.244.0.9', '10.96.0.1', 80));
    expect(packetText(next.packet)).toBe('tcp 172.18.0.2:40000 -> 10.244.1.5:8080');
    // Rules of nat are asked for the first packet only.
    expect(next.met).toEqual([]);
  });

  it('gets another source port where two would be the same', () => {
    const pass = hostWith(NAT);
    expect(pass(packet('10.244.0.9', '10.96.0.1', 80)).packet.sourcePort).toBe(40_000);
    expect(pass(packet('10.244.0.8', '10.96.0.1', 80)).packet.sourcePort).toBe(40_001);
  });

  it('is known to rules by its state', () => {
    const pass = hostWith(
      table('filter', [
        ':FORWARD DROP [0:0]',
        '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A FORWARD -s 10.244.0.0/16 -m state --state NEW -j ACCEPT',
      ]),
    );
    const out = packet('10.244.0.9', '192.0.2.1', 443);
    expect(pass({ ...out }).verdict).toBe('accept');
    expect(pass(answerTo(out)).verdict).toBe('accept');
    const stranger = pass(packet('192.0.2.1', '10.244.0.9', 80));
    expect([stranger.verdict, stranger.met.at(-1)]).toMatchObject(['drop', { place: 0, action: 'policy drop' }]);
  });

  it('is not tracked where a rule says so, and then not translated', () => {
    const pass = hostWith(
      `${table('raw', [':PREROUTING ACCEPT [0:0]', '-A PREROUTING -p tcp -j CT --notrack'])}${NAT}`,
    );
    expect(pass(packet('10.244.0.9', '10.96.0.1', 80)).packet.destination.text).toBe('10.96.0.1');
  });

  it('is redirected to the host itself', () => {
    const redirect = (chain: string): string =>
      table('nat', [`:${chain} ACCEPT [0:0]`, `-A ${chain} -p tcp --dport 80 -j REDIRECT --to-ports 15001`]);
    const inward = hostWith(redirect('PREROUTING'))(packet('10.244.0.9', '192.0.2.1', 80));
    expect([inward.route?.to, packetText(inward.packet)]).toEqual([
      'local',
      'tcp 10.244.0.9:40000 -> 172.18.0.2:15001',
    ]);
    const own = hostWith(redirect('OUTPUT'))(packet('172.18.0.2', '192.0.2.1', 80), { from: 'itself' });
    expect(packetText(own.packet)).toBe('tcp 172.18.0.2:40000 -> 127.0.0.1:15001');
  });

  it('is noted by recent, for as long as it says', () => {
    const notes = new Notes();
    const pass = hostWith(
      table('filter', [
        ':FORWARD ACCEPT [0:0]',
        '-A FORWARD -p tcp --dport 22 -m recent --name knock --rcheck --seconds 60 -j ACCEPT',
        '-A FORWARD -p tcp --dport 22 -j DROP',
        '-A FORWARD -p tcp --dport 1000 -m recent --name knock --set -j DROP',
        '-A FORWARD -p tcp --dport 1001 -m recent --name knock --remove -j DROP',
      ]),
      notes,
    );
    const ssh = (now: number) => pass(packet('192.0.2.1', '10.244.0.9', 22, 40_000 + now), { now }).verdict;
    expect(ssh(0)).toBe('drop');
    pass(packet('192.0.2.1', '10.244.0.9', 1000), { now: 10 });
    expect(notes.entries('recent knock')).toEqual([['192.0.2.1', 10]]);
    expect([ssh(70), ssh(71)]).toEqual(['accept', 'drop']);
    pass(packet('192.0.2.1', '10.244.0.9', 1000, 1), { now: 80 });
    pass(packet('192.0.2.1', '10.244.0.9', 1001, 1), { now: 81 });
    expect(ssh(82)).toBe('drop');
  });
});

describe('a long chain', () => {
  /** Rules for as many ports, and before them one that says where to look no further. */
  const chain = (rules: number): string =>
    table('filter', [
      ':FORWARD ACCEPT [0:0]',
      '-A FORWARD -i lo -j ACCEPT',
      ...Array.from(
        { length: rules - 1 },
        (_, i) => `-A FORWARD -d 10.0.0.${i + 1}/32 -p tcp -m tcp --dport ${i + 1} -j DROP`,
      ),
    ]);

  it('decides as a short one does, and counts what the kernel would have looked at', () => {
    for (const rules of [INDEXED_RULES, INDEXED_RULES + 1, 200]) {
      const pass = hostWith(chain(rules));
      const last = pass(packet('192.0.2.1', `10.0.0.${rules - 1}`, rules - 1));
      expect([last.verdict, last.scanned]).toEqual(['drop', rules]);
      const second = pass(packet('192.0.2.1', '10.0.0.1', 1));
      expect([second.verdict, second.scanned]).toEqual(['drop', 2]);
      const none = pass(packet('192.0.2.1', '10.0.0.1', 2));
      expect([none.verdict, none.scanned]).toEqual(['accept', rules]);
    }
  });
});

it('an address in IPv6 is the same however it is written', () => {
  expect(packetAddress('fd00:0:0::1')?.text).toBe(packetAddress('FD00::1')?.text);
});
