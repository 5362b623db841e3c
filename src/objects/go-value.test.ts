import { describe, expect, it } from 'vitest';
import { sameData } from './equality.ts';
import { goEqual, goSelector, goValue } from './go-value.ts';

describe('objects as Go prints them', () => {
  it('has every field, in order, with nothing where nothing was said', () => {
    expect(JSON.stringify(goValue('core.Taint', { key: 'a', effect: 'NoSchedule' }))).toBe(
      '{"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}',
    );
  });

  it('flattens what is embedded', () => {
    const volume = goValue('core.Volume', { name: 'v', emptyDir: {} }) as Record<string, unknown>;
    expect(Object.keys(volume).slice(0, 3)).toEqual(['Name', 'HostPath', 'EmptyDir']);
  });

  it('sorts maps', () => {
    expect(JSON.stringify(goSelector({ matchLabels: { b: '1', a: '2' } }))).toBe('{"matchLabels":{"a":"2","b":"1"}}');
  });

  it('sees no difference between nothing and an empty list, nor between two spellings of an amount', () => {
    const a = { containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }], tolerations: [] };
    const b = { containers: [{ name: 'c', resources: { limits: { cpu: '1000m' } } }] };
    expect(goEqual('core.PodSpec', a, b)).toBe(true);
    expect(goEqual('core.PodSpec', a, { ...b, nodeName: 'n' })).toBe(false);
    expect(sameData({ a: [] }, {})).toBe(true);
  });
});
