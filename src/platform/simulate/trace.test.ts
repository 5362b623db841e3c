import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { MAX_PORT } from '../../network/packet/packet.ts';
import { MAX_JUMPS } from '../../network/packet/run-chain.ts';
import { PROXY_EXAMPLES, TRACE_EXAMPLES } from './examples.ts';
import { poster } from './test-app.ts';
import { serveTrace } from './trace.ts';
import { MAX_EXPLAINED_OUTCOMES } from './trace-schemas.ts';

const trace = poster<LooseObject>(serveTrace, '/v1/simulate/trace');

const { input, packet } = TRACE_EXAMPLES.clusterIP;
const endpointsOf = (addresses: string[]) => {
  const [slice] = PROXY_EXAMPLES.service.endpointSlices;
  return [
    {
      ...slice,
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true }, nodeName: 'n' })),
    },
  ];
};

describe('POST /v1/simulate/trace', () => {
  for (const mode of ['iptables', 'nftables'])
    it(`says where ${mode} sends a packet, and nothing more unless asked`, async () => {
      const { status, body } = await trace({ input: { ...input, mode }, packet });
      expect(status).toBe(200);
      expect(body).toEqual({ packet, verdict: 'DNAT', candidates: ['10.244.0.5:8080'], snat: false });
    });

  it('tells each rule that the packet meets, and what the kernel would have looked at', async () => {
    const { body } = await trace(TRACE_EXAMPLES.clusterIP);
    const [outcome] = body.outcomes;
    expect(outcome.rules.map((r: LooseObject) => [r.hook, r.chain, r.action])).toEqual([
      ['prerouting', 'PREROUTING', 'jump KUBE-SERVICES'],
      ['prerouting', 'KUBE-SERVICES', expect.stringMatching(/^jump KUBE-SVC-/)],
      ['prerouting', expect.stringMatching(/^KUBE-SVC-/), expect.stringMatching(/^jump KUBE-SEP-/)],
      ['prerouting', expect.stringMatching(/^KUBE-SEP-/), 'dnat to 10.244.0.5:8080'],
      ['forward', 'FORWARD', 'jump KUBE-PROXY-FIREWALL'],
      ['forward', 'FORWARD', 'jump KUBE-FORWARD'],
      ['forward', 'FORWARD', 'jump KUBE-SERVICES'],
      ['forward', 'FORWARD', 'jump KUBE-EXTERNAL-SERVICES'],
      ['postrouting', 'POSTROUTING', 'jump KUBE-POSTROUTING'],
      ['postrouting', 'KUBE-POSTROUTING', 'return'],
    ]);
    expect(outcome).toMatchObject({
      probability: 1,
      verdict: 'accept',
      packet: 'tcp 10.244.1.7:40000 -> 10.244.0.5:8080',
      // Six of nat at prerouting, seven of filter, two of nat at postrouting.
      scanned: 15,
    });
    expect(outcome.rules[3].after).toBe('tcp 10.244.1.7:40000 -> 10.244.0.5:8080');
    expect(outcome.rules[3].rule).toMatch(
      /^-A KUBE-SEP-\S+ -m comment --comment default\/web:http -m tcp -p tcp -j DNAT/,
    );
  });

  it('tells as many ways that chance can go as an answer has room for', async () => {
    for (const [count, told] of [
      [MAX_EXPLAINED_OUTCOMES, MAX_EXPLAINED_OUTCOMES],
      [MAX_EXPLAINED_OUTCOMES + 1, MAX_EXPLAINED_OUTCOMES],
    ] as const) {
      const addresses = Array.from({ length: count }, (_, i) => `10.244.${i >> 8}.${i & 255}`);
      const { body } = await trace({
        input: { ...input, endpointSlices: endpointsOf(addresses) },
        packet,
        explain: true,
      });
      expect(body.candidates).toHaveLength(count);
      expect(body.outcomes).toHaveLength(told);
      for (const { probability } of body.outcomes) expect(probability).toBeCloseTo(1 / count, 6);
    }
  });

  it('executes rules that are handed in, in either language', async () => {
    const iptables =
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.244.1.0/24 -j ACCEPT\nCOMMIT\n';
    expect((await trace({ input, packet, rules: iptables })).body.verdict).toBe('ACCEPT');
    expect((await trace({ input, packet: { ...packet, src: '10.244.2.1' }, rules: iptables })).body.verdict).toBe(
      'DROP',
    );
    const nftables =
      'table inet filter {\n  chain forward {\n    type filter hook forward priority filter; policy accept;\n' +
      '    ip daddr 10.96.0.0/12 tcp dport { 80, 443 } reject with tcp reset\n  }\n}\n';
    const { body } = await trace({ input, packet, rules: nftables, explain: true });
    expect(body.verdict).toBe('REJECT');
    expect(body.outcomes[0].rejectWith).toBe('tcp-reset');
  });

  it('says in which line of a text something is wrong', async () => {
    const wrong = async (rules: unknown): Promise<string> => {
      const { status, body } = await trace({ input, packet, rules });
      expect([status, body.errors[0].pointer]).toEqual([422, '/rules']);
      return body.errors[0].detail;
    };
    expect(await wrong('*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m magic -j ACCEPT\nCOMMIT\n')).toBe(
      'line 3: the match "magic" is not known: -A PREROUTING -m magic -j ACCEPT',
    );
    expect(await wrong('*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j NOWHERE\nCOMMIT\n')).toMatch(
      /^line 3: there is no chain or target NOWHERE/,
    );
    expect(await wrong('*nat\n:OUTPUT ACCEPT [0:0]\n')).toMatch(/^line 2: COMMIT is missing/);
    expect(await wrong({ ruleset: 'add table ip x\nadd chain ip x y\nadd rule ip x y ip saddr @none drop\n' })).toMatch(
      /^line 3: there is no set none/,
    );
    expect(await wrong('hello')).toMatch(/^line 1: /);
    const circle = '*filter\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n-A FORWARD -j A\n-A A -j A\nCOMMIT\n';
    expect(await wrong(circle)).toBe(`the chain A of the table filter is reached by more than ${MAX_JUMPS} jumps`);
  });

  it('follows chains into one another as deep as they may go', async () => {
    const deep = (jumps: number): string =>
      [
        '*filter',
        ':FORWARD ACCEPT [0:0]',
        ...Array.from({ length: jumps }, (_, i) => `:C${i} - [0:0]`),
        '-A FORWARD -j C0',
        ...Array.from({ length: jumps - 1 }, (_, i) => `-A C${i} -j C${i + 1}`),
        `-A C${jumps - 1} -j DROP`,
        'COMMIT',
      ].join('\n');
    expect((await trace({ input, packet, rules: deep(MAX_JUMPS) })).body.verdict).toBe('DROP');
    expect((await trace({ input, packet, rules: deep(MAX_JUMPS + 1) })).status).toBe(422);
  });

  it('says what is wrong with a packet', async () => {
    expect((await trace({ input, packet: { ...packet, src: 'here' } })).body.detail).toBe(
      '/packet: "here" is not an address',
    );
    expect((await trace({ input, packet: { ...packet, src: 'fd00::1' } })).status).toBe(422);
    expect((await trace({ input, packet: { ...packet, dport: MAX_PORT } })).status).toBe(200);
    expect((await trace({ input, packet: { ...packet, dport: MAX_PORT + 1 } })).status).toBe(422);
  });
});
