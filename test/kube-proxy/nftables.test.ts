/** Recorded rule sets of the real kube-proxy in nftables mode, each replayed from its input. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nftables } from '../../src/network/kube-proxy/nftables.ts';

const folder = new URL('./cases/nftables/', import.meta.url);

describe('kube-proxy in nftables mode', () => {
  for (const file of readdirSync(folder)) {
    const recorded = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    it(recorded.name, () => {
      expect(nftables(recorded.input)).toEqual(recorded.output);
    });
  }
});
