/** What of definitions is remembered, and that nothing is lost by forgetting. */
import { describe, expect, it } from 'vitest';
import { catalogOf, DEFINITIONS_PREFIX } from './catalog.ts';
import { MAX_READ_CHARACTERS, MAX_REMEMBERED_CHARACTERS, readableDefinition } from './definition.ts';

function text(name: string, characters = 0): string {
  return JSON.stringify({
    metadata: { name: `${name}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: name, kind: name },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', description: name + 'x'.repeat(characters) } },
        },
      ],
    },
    status: { acceptedNames: { plural: name, kind: name }, conditions: [{ type: 'Established', status: 'True' }] },
  });
}

const stored = (value: string, revision = 2) => ({
  key: `${DEFINITIONS_PREFIX}${value.length}`,
  revision,
  text: value,
});

describe('definitions', () => {
  it('are read once, whoever asks', () => {
    expect(readableDefinition(text('a'))).toBe(readableDefinition(text('a')));
    expect(readableDefinition('no definition')).toBeUndefined();
    expect(readableDefinition('{}')).toBeUndefined();
  });

  it.each([MAX_READ_CHARACTERS, MAX_READ_CHARACTERS + 1, MAX_REMEMBERED_CHARACTERS + 1])(
    'have their schemas though nobody remembers them: %i characters',
    (characters) => {
      const large = text('large', characters - text('large').length);
      expect(large).toHaveLength(characters);
      const definition = readableDefinition(large)!;
      readableDefinition(text('other'))!.schema('v1');
      expect(definition.schema('v1')!.description).toMatch(/^large/);
      expect(definition.schema('v2')).toBeUndefined();
      const again = definition.schema('v1');
      expect(definition.schema('v1') === again).toBe(characters <= MAX_READ_CHARACTERS);
    },
  );

  it('make one catalog as long as they are the same, and another when one of them is written', () => {
    const [a, b] = [stored(text('a')), stored(text('bb'))];
    expect(catalogOf([a, b])).toBe(catalogOf([{ ...a }, { ...b }]));
    const revisions = [[], [a], [b], [a, b], [{ ...a, revision: 3 }, b]].map((all) => catalogOf(all).revision);
    expect(new Set(revisions).size).toBe(revisions.length);
    expect(revisions[0]).toBe(0);
  });

  it('bring no kind where a built-in one is', () => {
    const clash = text('pods').replaceAll('example.com', 'apps').replaceAll('"pods"', '"deployments"');
    expect(catalogOf([stored(clash)]).resource('apps', 'v1', 'deployments')!.custom).toBeUndefined();
  });
});
