/** Labels, data and all other maps of texts are shared between what was sent, what is stored and what is seen: no stage changes one in place. */
import { expect, it } from 'vitest';
import { decodeBody } from '../../src/apiserver/codec/body.ts';
import { prepareCreate, prepareUpdate } from '../../src/apiserver/write/stages.ts';
import type { StageContext } from '../../src/catalog/strategy.ts';
import type { KubeObject } from '../../src/objects/object.ts';
import { StatusError } from '../../src/objects/status.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { createRandom } from '../../src/simulation/random.ts';
import { requestSeeds } from '../fuzz/seeds.ts';

const context: StageContext = {
  now: '2026-01-01T00:00:00Z',
  random: createRandom('x', 'test'),
  namespace: 'default',
  view: { revision: 1, get: () => undefined, list: () => [] },
  serviceCIDR: '10.96.0.0/16',
  nodePortRange: [30000, 32767],
  disabledAdmissionPlugins: ['ServiceAccount'],
  dryRun: false,
};

/** Freezes the maps of texts in a value, however deep; answers how many there are. */
function freezeTexts(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts = Object.values(value);
  if (!Array.isArray(value) && parts.length > 0 && parts.every((part) => typeof part === 'string')) {
    Object.freeze(value);
    return 1;
  }
  return parts.reduce<number>((sum, part) => sum + freezeTexts(part), 0);
}

/** Fields of a few texts that are no map but a type of its own, which stages may complete. */
const MAPS = [
  'labels',
  'annotations',
  'data',
  'stringData',
  'binaryData',
  'matchLabels',
  'nodeSelector',
  'selector',
  'parameters',
];

function freezeMaps(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, part]) => sum + (MAPS.includes(key) ? freezeTexts(part) : freezeMaps(part)),
    0,
  );
}

/** The same body with labels and annotations wherever there may be some. */
function labelled(body: any): any {
  const metadata = (given: any) => ({ labels: { team: 'a' }, annotations: { note: 'b' }, ...given });
  const { template } = body.spec ?? {};
  const spec = template
    ? { spec: { ...body.spec, template: { ...template, metadata: metadata(template.metadata) } } }
    : {};
  return { ...body, metadata: metadata(body.metadata), ...spec };
}

/** What a stage refuses is refused; that it changed what it may not is an error of another kind. */
function staged(prepare: () => unknown): void {
  try {
    prepare();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}

it('on creation and on update, whatever is sent', () => {
  let frozen = 0;
  for (const { body } of requestSeeds() as { body: any }[]) {
    const kind = body && typeof body === 'object' && BUILT_IN.kind(String(body.apiVersion), String(body.kind));
    if (!kind?.schema || !body.metadata?.name) continue;
    const sent = (): KubeObject => {
      const { object } = decodeBody(
        new TextEncoder().encode(JSON.stringify(labelled(body))),
        'application/json',
        kind,
        'Ignore',
        BUILT_IN.schemas,
      );
      frozen += freezeMaps(object);
      return object;
    };
    const author = { manager: 'tester' };
    try {
      sent();
    } catch {
      continue;
    }
    staged(() => prepareCreate(kind, sent(), author, context));
    staged(() => {
      const old = prepareCreate(kind, sent(), { ...author, trusted: true }, context);
      freezeMaps(old);
      prepareUpdate(kind, sent(), old, author, context);
    });
  }
  expect(frozen).toBeGreaterThan(1000);
});
