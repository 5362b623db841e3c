import { describe, expect, it } from 'vitest';
import { findByName } from '../resources/kinds.ts';
import { itemText, objectText, parseStored, storedText } from './stored.ts';

const CONFIG_MAPS = findByName('configmaps')!;
const made = {
  data: { k: 'v' },
  metadata: { name: 'c', namespace: 'a', resourceVersion: '3' },
  apiVersion: 'v1',
  kind: 'ConfigMap',
};
const kv = (value: string) => ({ key: 'k', value, createRevision: 5, modRevision: 9, version: 1, lease: '0' });

describe('stored objects', () => {
  it('are kept without their version and come back with the revision that they were written at', () => {
    const text = storedText(made);
    expect(text).not.toContain('resourceVersion');
    expect(parseStored(CONFIG_MAPS, kv(text)).metadata.resourceVersion).toBe('9');
    expect(JSON.parse(objectText(CONFIG_MAPS, kv(text)))).toEqual(parseStored(CONFIG_MAPS, kv(text)));
  });

  it('read the same however the text is ordered', () => {
    const { resourceVersion: _, ...metadata } = made.metadata;
    const other = JSON.stringify({ metadata, data: made.data, kind: made.kind, apiVersion: made.apiVersion });
    expect(JSON.parse(objectText(CONFIG_MAPS, kv(other)))).toEqual(
      JSON.parse(objectText(CONFIG_MAPS, kv(storedText(made)))),
    );
  });

  it('have no kind of their own in a list', () => {
    expect(Object.keys(JSON.parse(itemText(CONFIG_MAPS, kv(storedText(made)))))).toEqual(['metadata', 'data']);
  });
});
