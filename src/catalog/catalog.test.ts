import { describe, expect, it } from 'vitest';
import { BUILT_IN, builtIn } from '../resources/built-in.ts';
import { STRATEGIES } from '../resources/strategies.ts';
import type { KindDefinition } from './catalog.ts';
import { builtInStruct, type Struct, withStructs } from './schema.ts';

const WIDGET: KindDefinition = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  singular: 'widget',
  namespaced: true,
  verbs: ['get', 'list'],
  shortNames: [],
  categories: [],
  storage: 'example.com/widgets',
  schema: 'com.example.Widget',
  storageVersionHash: '',
  subresources: [],
};
const TYPE: Struct = {
  ...builtInStruct('io.k8s.api.core.v1.ConfigMap'),
  name: 'com.example.Widget',
  groupVersionKinds: [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
};

describe('the built-in catalog', () => {
  it('finds a kind by its path, by its objects, by its name and by where it is stored', () => {
    const deployments = builtIn('deployments.apps');
    expect(BUILT_IN.resource('apps', 'v1', 'deployments')).toBe(deployments);
    expect(BUILT_IN.kind('apps/v1', 'Deployment')).toBe(deployments);
    expect(BUILT_IN.kind('v1', 'Pod')).toBe(builtIn('pods'));
    expect(BUILT_IN.storedAt('minions')).toBe(builtIn('nodes'));
    expect(BUILT_IN.kind('apps/v1', 'Pod')).toBeUndefined();
    expect(() => builtIn('deployments')).toThrow('no built-in kind deployments');
  });

  it('has the preferred version first, which is the one that is stored', () => {
    expect(BUILT_IN.versions('autoscaling')).toEqual(['v2', 'v1']);
    const old = BUILT_IN.resource('autoscaling', 'v1', 'horizontalpodautoscalers')!;
    expect(old.equivalents).toEqual([builtIn('horizontalpodautoscalers.autoscaling'), old]);
    expect(builtIn('events.events.k8s.io').equivalents[0]).toBe(builtIn('events'));
    expect(builtIn('pods').equivalents).toEqual([builtIn('pods')]);
  });

  it('has a kind for each strategy, and a type for each kind but what proxies stand for', () => {
    expect(Object.keys(STRATEGIES).filter((name) => !BUILT_IN.named(name))).toEqual([]);
    for (const kind of BUILT_IN.kinds) expect([kind.name, kind.struct?.name ?? '']).toEqual([kind.name, kind.schema]);
  });
});

describe('a catalog that is derived', () => {
  const derived = BUILT_IN.with({ revision: 1, kinds: [WIDGET], structs: [TYPE] });

  it('has both, and leaves the one that it comes from as it is', () => {
    expect(derived.named('widgets.example.com')).toMatchObject({ kind: 'Widget', name: 'widgets.example.com' });
    expect(derived.named('widgets.example.com')!.struct).toBe(TYPE);
    expect(derived.named('pods')).toBe(builtIn('pods'));
    expect(derived.groups.at(-1)).toBe('example.com');
    expect(derived.schemas.nameOf('example.com', 'v1', 'Widget')).toBe('com.example.Widget');
    // Options are of every group.
    expect(derived.schemas.nameOf('example.com', 'v1', 'DeleteOptions')).toContain('DeleteOptions');
    expect(BUILT_IN.named('widgets.example.com')).toBeUndefined();
    expect(BUILT_IN.has('example.com')).toBe(false);
    expect(BUILT_IN.schemas.find('com.example.Widget')).toBeUndefined();
  });

  it('takes no place of another, and no revision twice', () => {
    const again = { ...WIDGET, resource: 'others', kind: 'Other' };
    expect(() => derived.with({ revision: 2, kinds: [again] })).toThrow("another kind's place");
    expect(() => derived.with({ revision: 2, kinds: [{ ...WIDGET, storage: 'elsewhere' }] })).toThrow('two kinds of');
    expect(() => derived.with({ revision: 1, kinds: [] })).toThrow('two catalogs of revision 1');
    expect(() => withStructs(derived.schemas, [TYPE])).toThrow('two types com.example.Widget');
  });
});
