/** Recorded flows: what the real rules do to packets. The rules that we write are parsed as text and executed. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProxyInput } from '../../src/network/kube-proxy/input.ts';
import { simulateFlow } from '../../src/network/packet/simulate-flow.ts';

for (const mode of ['iptables', 'nftables']) {
  const folder = new URL(`./cases/${mode}/`, import.meta.url);
  describe(`packets through the rules of kube-proxy in ${mode} mode`, () => {
    for (const file of readdirSync(folder)) {
      const recorded = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
      it(recorded.name, () => {
        const input: ProxyInput = recorded.input;
        expect(recorded.flows.map(({ packet }: any) => simulateFlow({ input, packet }).flow)).toEqual(recorded.flows);
      });
    }
  });
}
