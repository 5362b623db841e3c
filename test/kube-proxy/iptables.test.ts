/** Recorded rule sets of the real kube-proxy, each replayed from its input. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { iptables } from '../../src/network/kube-proxy/iptables.ts';

const folder = new URL('./cases/iptables/', import.meta.url);

describe('kube-proxy in iptables mode', () => {
  for (const file of readdirSync(folder)) {
    const recorded = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    it(recorded.name, () => {
      expect(iptables(recorded.input)).toEqual(recorded.output);
    });
  }
});
