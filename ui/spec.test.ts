import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_SPEC_BYTES, PAGE_COMPONENTS, requestOf, unpackSpec } from './spec.ts';

const packed = (text: string): string => deflateRawSync(text).toString('base64url');

describe('a packed spec', () => {
  it('is the body that makes a cluster', async () => {
    const spec = { nodes: 2, behaviours: [], manifests: 'kind: Ä' };
    expect(await unpackSpec(packed(JSON.stringify(spec)))).toEqual(spec);
  });

  it('goes together with manifests and a time to live', async () => {
    const wish = { packed: packed('{"nodes":1,"manifests":["a"]}'), manifests: 'b' };
    expect(await requestOf(wish, 60)).toEqual({
      ttl: 60,
      components: PAGE_COMPONENTS,
      nodes: 1,
      manifests: ['a', 'b'],
    });
    expect(await requestOf({ packed: packed('{"ttl":5}') }, 60)).toEqual({ ttl: 5, components: PAGE_COMPONENTS });
    expect(await requestOf({ manifests: 'b' }, 60)).toEqual({ ttl: 60, components: PAGE_COMPONENTS, manifests: ['b'] });
  });

  it.each([
    ['?', 'not base64url'],
    ['aaaa', 'raw deflate'],
    [packed('{'), 'no JSON'],
    [packed('[]'), 'no object'],
  ])('is told to be wrong: %s', async (text, message) => {
    await expect(unpackSpec(text)).rejects.toThrow(message);
  });

  it('is unpacked to a limit', async () => {
    const sized = (bytes: number): string => packed(`"${'x'.repeat(bytes - 2)}"`);
    await expect(unpackSpec(sized(MAX_SPEC_BYTES))).rejects.toThrow('no object');
    await expect(unpackSpec(sized(MAX_SPEC_BYTES + 1))).rejects.toThrow('larger than 3 MiB');
  });
});
