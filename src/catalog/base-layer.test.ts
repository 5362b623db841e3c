import { describe, expect, it } from 'vitest';
import { baseLayer } from './base-layer.ts';

const options = { serviceCIDR: '10.32.0.0/12', createdAt: '2026-01-02T03:04:05Z', seed: 's', rootCA: 'line\n' };

describe('the objects of a fresh cluster', () => {
  it('are the same for the same seed', () => {
    expect([...baseLayer(options)]).toEqual([...baseLayer(options)]);
    expect([...baseLayer({ ...options, seed: 't' })]).not.toEqual([...baseLayer(options)]);
  });
  it('carry the range of the cluster, its time and its certificate', () => {
    const layer = baseLayer(options);
    const read = (key: string) => JSON.parse(layer.get(key) ?? '{}');
    expect(read('/registry/services/specs/default/kubernetes').spec.clusterIP).toBe('10.32.0.1');
    expect(read('/registry/ipaddresses/10.32.0.1').metadata.creationTimestamp).toBe('2026-01-02T03:04:05Z');
    expect(read('/registry/configmaps/default/kube-root-ca.crt').data['ca.crt']).toBe('line\n');
  });
  it('are in key order and without marks', () => {
    const layer = baseLayer(options);
    expect([...layer.keys()]).toEqual([...layer.keys()].sort());
    expect([...layer.values()].join('')).not.toMatch(/<[a-z-]+>/);
  });
});
