import { describe, expect, it } from 'vitest';
import { UNLIMITED_WORK } from '../../../simulation/work-budget.ts';
import { bareHost, type FlowPacket, flowOf, flowPacket, passages } from '../flow.ts';
import { readAll } from '../read-all.ts';
import { MAX_NUMGEN } from './rule.ts';

const flow = (rules: string, packet: Partial<FlowPacket>) => {
  const asked: FlowPacket = { src: '10.244.0.9', dst: '192.0.2.1', dport: 80, proto: 'tcp', ...packet };
  const host = bareHost([readAll(rules)], ['172.18.0.2', 'fc00::2']);
  const { verdict, candidates, snat } = flowOf(asked, passages(host, flowPacket(asked), false, UNLIMITED_WORK));
  return [verdict, ...candidates, ...(snat ? ['snat'] : [])];
};

/** As `nft list ruleset` prints it, with elements over several lines. */
const LISTED = `
table inet filter {
  set allowed {
    type ipv4_addr
    flags interval
    elements = { 192.0.2.0/28, 198.51.100.1,
                 203.0.113.5-203.0.113.9 }
  }
  map verdicts {
    type inet_proto . inet_service : verdict
    elements = { tcp . 22 : drop, tcp . 25 comment "mail" : goto mail,
                 udp . 53 : accept }
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    meta l4proto . th dport vmap @verdicts
    ip daddr @allowed counter packets 1 bytes 60 accept
    ip6 daddr fd00::/8 tcp dport { 80, 8000-8099 } accept comment "inside"
    log prefix "dropped: " level info
  }
  chain mail {
    reject with icmpx type admin-prohibited
  }
}
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport 8080 dnat to numgen random mod 2 map { 0 : 192.0.2.2, 1 : 192.0.2.3 }
    iifname "eth*" tcp dport 81 redirect to :8081
    tcp dport 82 dnat ip to 192.0.2.4:8082
  }
  chain postrouting {
    type nat hook postrouting priority srcnat + 5; policy accept;
    meta mark & 0x4000 == 0x4000 meta mark set meta mark ^ 0x4000 masquerade fully-random
    ip saddr 10.244.0.0/16 ip daddr != 10.244.0.0/16 snat to 172.18.0.9
  }
}
`;

describe("nftables' rules", () => {
  it('are executed as nft lists them', () => {
    expect(flow(LISTED, {})).toEqual(['ACCEPT', 'snat']);
    expect(flow(LISTED, { dst: '192.0.2.16' })).toEqual(['DROP']);
    expect(flow(LISTED, { dst: '203.0.113.9' })).toEqual(['ACCEPT', 'snat']);
    expect(flow(LISTED, { dst: '203.0.113.10' })).toEqual(['DROP']);
    expect(flow(LISTED, { dport: 22 })).toEqual(['DROP']);
    expect(flow(LISTED, { dport: 25 })).toEqual(['REJECT']);
    expect(flow(LISTED, { dst: '192.0.2.99', dport: 53, proto: 'udp' })).toEqual(['ACCEPT', 'snat']);
    expect(flow(LISTED, { src: 'fd01::1', dst: 'fd00::1', dport: 8099 })).toEqual(['ACCEPT']);
    expect(flow(LISTED, { src: 'fd01::1', dst: 'fd00::1', dport: 8100 })).toEqual(['DROP']);
    expect(flow(LISTED, { dport: 8080 })).toEqual(['DNAT', '192.0.2.2:8080', '192.0.2.3:8080', 'snat']);
    expect(flow(LISTED, { dport: 82 })).toEqual(['DNAT', '192.0.2.4:8082', 'snat']);
  });

  it('are refused with the line where they are wrong', () => {
    const wrong = (text: string): string => {
      try {
        readAll(text);
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing';
    };
    const lineOf = (part: string): number => LISTED.slice(0, LISTED.indexOf(part)).split('\n').length;
    expect(wrong(LISTED.replace('@allowed counter', '@nobody counter'))).toContain(
      `line ${lineOf('@allowed counter')}: there is no set nobody`,
    );
    expect(wrong(LISTED.replace('goto mail', 'goto nowhere'))).toContain(
      `line ${lineOf('vmap @verdicts')}: there is no such chain`,
    );
    expect(wrong(LISTED.replace('tcp dport 82', 'tcp flags 82'))).toContain(
      `line ${lineOf('tcp dport 82')}: "flags" is not sport or dport`,
    );
    expect(wrong(LISTED.replace('table ip nat {', 'flowtable f {'))).toContain(
      `line ${lineOf('table ip nat')}: this is no table`,
    );
    expect(wrong('table ip x {\n  chain y {\n    accept "\n  }\n}')).toMatch(/^line 3: a quote is not closed/);
    expect(wrong('table ip x {\n')).toMatch(/a brace is not closed/);
    expect(wrong('add table ip x\nadd chain ip x y\nadd rule ip x z accept')).toMatch(/^line 3: there is no chain z/);
    expect(wrong('add table ip x\nadd chain ip x y\nadd rule ip x y jump z')).toMatch(
      /^line 3: there is no such chain/,
    );
    expect(wrong('add table bridge x')).toMatch(/^line 1: "bridge" is not a family/);
  });

  it('choose among so many', () => {
    const rule = (count: number): string =>
      `add table ip x\nadd chain ip x y\nadd rule ip x y numgen random mod ${count} vmap { 0 : accept }`;
    expect(() => readAll(rule(MAX_NUMGEN))).not.toThrow();
    expect(() => readAll(rule(MAX_NUMGEN + 1))).toThrow('line 3');
    expect(() => readAll(rule(0))).toThrow('line 3');
  });
});
