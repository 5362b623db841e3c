/** Manifests that a cluster begins with: read before anything is made, then applied in their order through the cluster's own API. */
import { parseYAMLDocument } from '../../apiserver/codec/yaml/parse.ts';
import { YAMLSyntaxError } from '../../apiserver/codec/yaml/tokens.ts';
import { MAX_DETAIL, ProblemError, shortened } from '../http/problem.ts';
import { MAX_MANIFEST_DEPTH, MAX_MANIFESTS } from '../limits.ts';
import { z } from '../zod.ts';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; generateName?: string; namespace?: string };
}

const MANAGER = 'diorama';
const DEFAULT_NAMESPACE = 'default';

/** What of an object is said to whoever makes one; `parseManifests` says what is wrong with it. */
const document = z.record(z.string(), z.unknown()).openapi('Manifest', {
  description: 'A Kubernetes object, or a list of them (`kind: List`).',
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { type: 'string', description: "The kind's group and version.", example: 'v1' },
    kind: { type: 'string', description: 'The kind.', example: 'Namespace' },
    metadata: { type: 'object', additionalProperties: true, description: 'With `name` or `generateName`.' },
  },
});

export const manifestsSchema = z
  .union(
    [z.string(), z.array(z.union([z.string(), document], 'must be an object or a YAML text')).max(MAX_MANIFESTS)],
    'must be YAML, or a list of objects and YAML texts',
  )
  .openapi({
    description: 'Objects to begin with, as YAML of one or many documents, or as a list of objects and such texts.',
    example: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n',
  });

export const appliedSchema = z
  .object({
    applied: z.int().openapi({ description: 'How many objects are there now.' }),
    failed: z
      .array(
        z.object({
          index: z.int().openapi({ description: 'Its place among the manifests, from 0.' }),
          apiVersion: z.string().openapi({ description: 'As the manifest says.' }),
          kind: z.string().openapi({ description: 'As the manifest says.' }),
          namespace: z.string().optional().openapi({ description: 'Where it was to be.' }),
          name: z.string().openapi({ description: 'What it was to be called.' }),
          code: z.int().openapi({ description: "The HTTP status of the cluster's answer." }),
          message: z.string().openapi({ description: "The cluster's own words." }),
        }),
      )
      .openapi({ description: 'Those that were refused, in their order.' }),
  })
  .openapi('AppliedManifests', { description: 'What became of the manifests that a cluster was to begin with.' });

export type Applied = z.infer<typeof appliedSchema>;

/** @throws ProblemError 422 that points to what cannot be read, or is no object with a kind and a name. */
export function parseManifests(given: z.infer<typeof manifestsSchema>): Manifest[] {
  const sources = Array.isArray(given) ? given : [given];
  const found = sources.flatMap((source, i) => {
    const pointer = Array.isArray(given) ? `/manifests/${i}` : '/manifests';
    const documents = typeof source === 'string' ? parseDocuments(source, pointer) : [source];
    if (isDeeper(documents, MAX_MANIFEST_DEPTH))
      throw refuse(pointer, `must not be nested more than ${MAX_MANIFEST_DEPTH} levels deep`);
    return documents.flatMap((value) => flattened(value, pointer));
  });
  if (found.length > MAX_MANIFESTS)
    throw refuse('/manifests', `must have at most ${MAX_MANIFESTS} objects, not ${found.length}`);
  return found;
}

const refuse = (pointer: string, detail: string): ProblemError =>
  new ProblemError(422, `${pointer}: ${detail}`, [{ pointer, detail }]);

/** As kubectl takes a stream apart: at lines that begin with three dashes. */
function parseDocuments(text: string, pointer: string): unknown[] {
  return text.split(/^---(?:[ \t].*)?\r?$/m).flatMap((part, i) => {
    try {
      const { value } = parseYAMLDocument(part);
      return value === null || value === undefined ? [] : [value];
    } catch (error) {
      if (error instanceof YAMLSyntaxError) throw refuse(pointer, `document ${i + 1}: ${error.message}`);
      throw error;
    }
  });
}

/** Whether objects and lists lie in one another more than so many levels deep. No depth is too much for it. */
function isDeeper(value: unknown, levels: number): boolean {
  let inner = [value];
  for (let level = 0; inner.length > 0; level++) {
    if (level > levels) return true;
    inner = inner
      .flatMap((one) => Object.values(one as object))
      .filter((one) => typeof one === 'object' && one !== null);
  }
  return false;
}

/** The objects of a list stand for themselves. */
function flattened(value: unknown, pointer: string): Manifest[] {
  const object = value as Partial<Manifest> & { items?: unknown };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse(pointer, 'each document must be an object');
  if (!isText(object.apiVersion) || !isText(object.kind))
    throw refuse(pointer, 'each object must have an apiVersion and a kind');
  if (object.kind.endsWith('List') && Array.isArray(object.items))
    return object.items.flatMap((item) => flattened(item, pointer));
  if (!hasName(object)) throw refuse(pointer, `${object.kind}: metadata.name or metadata.generateName must be given`);
  return [object as Manifest];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === 'string';

function hasName({ metadata }: Partial<Manifest>): boolean {
  if (typeof metadata !== 'object' || metadata === null) return false;
  return isOptionalText(metadata.namespace) && (isText(metadata.name) || isText(metadata.generateName));
}

/** One request to the cluster's API. */
export type Ask = (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<Response>;

/** What is used of the machine's time, milliseconds. */
interface Timing {
  now(): number;
  pause(milliseconds: number): Promise<void>;
}

const REAL_TIME: Timing = {
  now: Date.now,
  pause: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
};

/** For how long all manifests together wait for a cluster that does not come to rest, or takes nothing for a while; milliseconds. */
export const MAX_WAITING_MS = 20_000;

interface Resource {
  kind: string;
  name: string;
  namespaced: boolean;
}

/**
 * Applies them one after the other, each when the cluster has come to rest from those before, so that what they need is there and the
 * same manifests with the same seed make the same cluster. What is refused does not keep the rest from being applied.
 */
export async function applyManifests(
  manifests: Manifest[],
  asked: Ask,
  settled: () => Promise<void>,
  timing: Timing = REAL_TIME,
): Promise<Applied> {
  const resources = new Map<string, Promise<Resource[]>>();
  const applied: Applied = { applied: 0, failed: [] };
  const waiting = new Waiting(timing);
  const ask: Ask = (...request) => waiting.patiently(() => asked(...request));
  for (const [index, manifest] of manifests.entries()) {
    await waiting.for(settled);
    const { kind, apiVersion, metadata } = manifest;
    // A kind that is not known yet may be another manifest's to define.
    let known = await resourcesOf(apiVersion, resources, ask);
    if (!known.some((one) => one.kind === kind)) {
      resources.delete(apiVersion);
      known = await resourcesOf(apiVersion, resources, ask);
    }
    const resource = known.find((one) => one.kind === kind && !one.name.includes('/'));
    const refusal = resource
      ? await apply(manifest, resource, ask)
      : { code: 404, message: `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}` };
    if (!refusal) {
      applied.applied++;
      continue;
    }
    const namespace = resource?.namespaced ? namespaceOf(manifest) : metadata.namespace;
    const name = metadata.name ?? metadata.generateName!;
    applied.failed.push({ index, apiVersion, kind, ...(namespace ? { namespace } : {}), name, ...refusal });
  }
  await waiting.for(settled);
  return applied;
}

/** Counts how long was waited, so that all of it ends. */
class Waiting {
  readonly #timing: Timing;
  #left = MAX_WAITING_MS;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  async for(wait: () => Promise<void>): Promise<void> {
    if (this.#left <= 0) return;
    const begun = this.#timing.now();
    await wait();
    this.#left -= this.#timing.now() - begun;
  }

  /** Asks again, when it may, what is refused only for now. */
  async patiently(ask: () => Promise<Response>): Promise<Response> {
    for (;;) {
      const answer = await ask();
      const seconds = answer.status === 429 ? Number(answer.headers.get('retry-after') ?? 1) : 0;
      if (seconds === 0 || this.#left <= 0) return answer;
      await answer.body?.cancel();
      await this.for(() => this.#timing.pause(seconds * 1000));
    }
  }
}

function resourcesOf(apiVersion: string, known: Map<string, Promise<Resource[]>>, ask: Ask): Promise<Resource[]> {
  const found = known.get(apiVersion) ?? discover(apiVersion, ask);
  known.set(apiVersion, found);
  return found;
}

/** Addresses take such a part for a step, however it is written. */
const isStep = (part: string): boolean => part === '.' || part === '..';

/** What is no Unicode is read as what stands for it, as in the object itself. */
const segment = (text: string): string => encodeURIComponent(text.toWellFormed());

const groupPath = (apiVersion: string): string => {
  const parts = apiVersion.split('/').map(segment);
  return `${parts.length === 1 ? '/api' : '/apis'}/${parts.join('/')}`;
};

async function discover(apiVersion: string, ask: Ask): Promise<Resource[]> {
  const parts = apiVersion.split('/');
  if (parts.length > 2 || parts.some((part) => part === '' || isStep(part))) return [];
  const answer = await ask('GET', groupPath(apiVersion));
  if (!answer.ok) {
    await answer.body?.cancel();
    return [];
  }
  return ((await answer.json()) as { resources: Resource[] }).resources;
}

const namespaceOf = ({ metadata }: Manifest): string => metadata.namespace || DEFAULT_NAMESPACE;

/** @returns what the cluster refused it with; undefined once it is there. */
async function apply(
  manifest: Manifest,
  { name: plural, namespaced }: Resource,
  ask: Ask,
): Promise<{ code: number; message: string } | undefined> {
  const namespace = namespaceOf(manifest);
  if (namespaced && isStep(namespace))
    return { code: 404, message: `namespaces ${JSON.stringify(namespace)} not found` };
  const place = namespaced ? `/namespaces/${segment(namespace)}` : '';
  const collection = `${groupPath(manifest.apiVersion)}${place}/${plural}?fieldManager=${MANAGER}`;
  const { name } = manifest.metadata;
  const body = JSON.stringify(manifest);
  // Of a name that no address has the API says what is wrong with it.
  const answer =
    name && !isStep(name)
      ? await ask(
          'PATCH',
          collection.replace('?', `/${segment(name)}?force=true&`),
          { 'content-type': 'application/apply-patch+yaml' },
          body,
        )
      : await ask('POST', collection, { 'content-type': 'application/json' }, body);
  if (answer.ok) {
    await answer.body?.cancel();
    return undefined;
  }
  const text = await answer.text();
  return { code: answer.status, message: shortened(messageOf(text), MAX_DETAIL) };
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    return text;
  }
}
