import { describe, expect, it } from 'vitest';
import { builtIn } from '../../resources/built-in.ts';
import { encodeProtobuf } from '../codec/protobuf.ts';
import { itemText, objectText, parseStored, storedText } from './stored.ts';
import { UnreadableError } from './unreadable.ts';

const CONFIG_MAPS = builtIn('configmaps');
const made = {
  data: { k: 'v' },
  metadata: { name: 'c', namespace: 'a', resourceVersion: '3' },
  apiVersion: 'v1',
  kind: 'ConfigMap',
};
const kv = (value: string | Uint8Array) => ({
  key: 'k',
  value,
  createRevision: 5,
  modRevision: 9,
  version: 1,
  lease: '0',
});

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

  it('read the same from Protobuf, as a real API server keeps them', () => {
    const { resourceVersion: _, ...metadata } = made.metadata;
    const bytes = encodeProtobuf({ ...made, metadata })!;
    expect(parseStored(CONFIG_MAPS, kv(bytes))).toEqual(parseStored(CONFIG_MAPS, kv(storedText(made))));
    const events = builtIn('events.events.k8s.io');
    const event = {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: 'e' },
      involvedObject: { name: 'p' },
      message: 'm',
    };
    expect(parseStored(events, kv(encodeProtobuf(event)!))).toMatchObject({ regarding: { name: 'p' }, note: 'm' });
  });

  it('are refused in the words of the real decoders where nobody can read them', () => {
    const problem = (text: string): string => {
      try {
        parseStored(CONFIG_MAPS, kv(new TextEncoder().encode(text)));
        return '';
      } catch (error) {
        return (error as Error).message.replace('object not decodable revision=9: ', '');
      }
    };
    expect(problem('garbage')).toBe('illegal base64 data at input byte 4');
    expect(problem('hello world')).toBe('illegal base64 data at input byte 5');
    expect(problem('{"kind":"ConfigMap","apiVersion":"v1","metadata":{')).toBe(
      "couldn't get version/kind; json parse error: unexpected end of JSON input",
    );
    expect(problem('{"kind":"ConfigMap","apiVersion":"v9","metadata":{"name":"x"}}')).toBe(
      'no kind "ConfigMap" is registered for version "v9" in scheme "pkg/runtime/scheme.go:111"',
    );
    expect(problem('{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}')).toBe(
      'converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    );
    expect(problem('{"kind":"ConfigMap","apiVersion":"v1","metadata":5}')).toBe(
      'json: cannot unmarshal number into Go struct field ConfigMap.metadata of type v1.ObjectMeta',
    );
    expect(problem('{"kind":"ConfigMap","apiVersion":"v1","metadata":{},"data":{"a":1}}')).toBe(
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    );
    expect(problem('{"a":1}')).toBe('');
  });

  it('are refused where a text is that of no object', () => {
    for (const text of ['null', '5', '"a"', '[]', '', '{', '{"metadata":null}', '{"metadata":[]}'])
      for (const read of [parseStored, objectText, itemText])
        expect(() => read(CONFIG_MAPS, kv(text)), text).toThrow(UnreadableError);
    expect(parseStored(CONFIG_MAPS, kv('{"kind":"ConfigMap","apiVersion":"v1"}')).metadata).toEqual({
      resourceVersion: '9',
    });
  });

  it('are JSON though their metadata is empty', () => {
    const text = kv('{"kind":"ConfigMap","apiVersion":"v1","metadata":{}}');
    expect(JSON.parse(objectText(CONFIG_MAPS, text)).metadata).toEqual({ resourceVersion: '9' });
    expect(JSON.parse(itemText(CONFIG_MAPS, text))).toEqual({ metadata: { resourceVersion: '9' } });
  });
});
