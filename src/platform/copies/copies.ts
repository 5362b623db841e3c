/** Clusters out of clusters: export to a file, import of one, and forks of a cluster as it is or was. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { encodeEntry, FORMAT, FORMAT_VERSION, type SnapshotHeader } from '../../etcd/snapshot-file.ts';
import { heldUntilRead } from '../../simulation/held-body.ts';
import { type Holding, heldBytes } from '../../simulation/held-bytes.ts';
import type { PlatformBindings } from '../bindings.ts';
import { DEFAULT_POD_CIDR, DEFAULT_SERVICE_CIDR } from '../clusters/cidr.ts';
import { clusterName, queriedRevision, revision, ttl } from '../clusters/cluster-fields.ts';
import { clusterView, createdSchema, id, SECURITY } from '../clusters/cluster-schemas.ts';
import { refusePrivate } from '../clusters/webhooks-schema.ts';
import { countNewCluster, openCluster, refuseIfBusy } from '../directory/access.ts';
import { ALWAYS, BODY_REFUSED, COPY_REFUSED, jsonBodyOf, LOCATION, problem, REFUSED } from '../http/answers.ts';
import { optionalJsonBody, roomFor } from '../http/body.ts';
import { ProblemError, tooManyRequests } from '../http/problem.ts';
import { DEFAULT_TTL_SECONDS, MAX_PAGE_BYTES, PAGE_KEYS } from '../limits.ts';
import { letAlone } from '../rates/busy-clusters.ts';
import { z } from '../zod.ts';
import type { Making, Spent, StatePage } from './cluster-state.ts';
import { copyCluster, type Made } from './copy-cluster.ts';
import { readImport } from './imported-file.ts';

/** The one body that may be large: it is read line by line. */
export const IMPORT_PATH = '/v1/clusters/import';
const MEDIA_TYPE = 'application/x-ndjson';

const NOW = 'A revision that is not compacted; now by default.';

const exportRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/export',
  operationId: 'exportCluster',
  tags: ['copies'],
  summary: 'The whole cluster as one file, see docs/export.md',
  security: SECURITY,
  request: {
    params: z.object({ id }),
    query: z.object({ revision: queriedRevision.optional().openapi({ description: NOW }) }),
  },
  responses: {
    200: { description: 'Lines of JSON.', content: { [MEDIA_TYPE]: { schema: z.string() } } },
    ...REFUSED,
    422: problem('A revision that is compacted or still to come.'),
  },
});

const forkRequestSchema = z
  .strictObject({
    revision: revision.optional().openapi({ description: NOW }),
    name: clusterName
      .optional()
      .openapi({ description: "What the copy is called; the cluster's own name by default." }),
    ttl: ttl.default(DEFAULT_TTL_SECONDS).openapi({ description: 'Seconds until the copy is gone.' }),
  })
  .openapi('ForkRequest', { description: 'Which state is copied, and what the copy is to be.' });

const forkRoute = createRoute({
  method: 'post',
  path: '/v1/clusters/{id}/forks',
  operationId: 'forkCluster',
  tags: ['copies'],
  summary: "Make a cluster from another's state, now or at a revision; the two share nothing that can be written",
  security: SECURITY,
  middleware: optionalJsonBody,
  request: {
    params: z.object({ id }),
    body: jsonBodyOf(forkRequestSchema, false, { now: {}, named: { name: 'what-if', ttl: 3600 } }),
  },
  responses: {
    201: {
      description: 'The new cluster.',
      headers: LOCATION,
      content: { 'application/json': { schema: createdSchema } },
    },
    ...REFUSED,
    ...BODY_REFUSED,
    ...COPY_REFUSED,
    422: problem('A revision that is compacted or still to come, or another field that cannot be.'),
  },
});

const EXAMPLE_HEADER: SnapshotHeader<Making> = {
  format: FORMAT,
  version: FORMAT_VERSION,
  revision: 100,
  time: Date.parse('2026-10-28T09:00:00Z'),
  making: {
    name: 'imported',
    seed: 'seed',
    serviceCIDR: DEFAULT_SERVICE_CIDR,
    podCIDR: DEFAULT_POD_CIDR,
    nodePortRange: [30000, 32767],
    components: { scheduler: true, kubelet: true, kubeProxy: true, controllers: { 'deployment-controller': true } },
    clock: { start: Date.parse('2026-10-28T09:00:00Z'), speed: 1, paused: false },
  },
};
const EXAMPLE_FILE = `${JSON.stringify(EXAMPLE_HEADER)}\n`;

const importRoute = createRoute({
  method: 'post',
  path: IMPORT_PATH,
  operationId: 'importCluster',
  tags: ['copies'],
  summary: 'Make a cluster from an exported file',
  security: [],
  request: {
    body: {
      required: true,
      content: { [MEDIA_TYPE]: { schema: z.string(), examples: { file: { value: EXAMPLE_FILE } } } },
    },
  },
  responses: {
    201: {
      description: 'The new cluster.',
      headers: LOCATION,
      content: { 'application/json': { schema: createdSchema } },
    },
    ...ALWAYS,
    ...COPY_REFUSED,
    400: problem('The body is no exported cluster; the line that is wrong is named.'),
    415: problem('The body has another content type.'),
  },
});

type App = OpenAPIHono<{ Bindings: PlatformBindings }>;

export function serveCopies(app: App): void {
  app.openapi(exportRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    const source = await sourceOf(c.env, cluster.id);
    const at = c.req.valid('query').revision ?? 0;
    const [first, making] = [await statePage(source, at), await source.object.making()];
    const header: SnapshotHeader<Making> = {
      format: FORMAT,
      version: FORMAT_VERSION,
      revision: first.revision,
      time: first.time,
      making,
    };
    const lines = textStream(exportLines(source, header, first));
    const disposition = `attachment; filename="${cluster.id}-${first.revision}.ndjson"`;
    const answer = c.body(lines, 200, { 'content-type': MEDIA_TYPE, 'content-disposition': disposition });
    return heldUntilRead(answer, source.held) as never;
  });

  app.openapi(forkRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    const { revision: at, name, ttl } = c.req.valid('json');
    const source = await sourceOf(c.env, cluster.id);
    const release = source.held.attend(() => undefined);
    const fork = async (): Promise<Made> => {
      const [first, making] = [await statePage(source, at ?? 0), await source.object.making()];
      const copied = { ...making, ...(name === undefined ? {} : { name }) };
      const copy = { making: copied, state: first, pages: pagesFrom(source, first), bootstrap: false };
      return copyCluster(c.env, copy, ttl, counted(c));
    };
    const made = await fork().finally(() => {
      release();
      source.held.give();
    });
    return c.json(created(made, c.req.url), 201, { location: `/v1/clusters/${made.spec.id}` });
  });

  app.openapi(importRoute, async (c) => {
    if (!(c.req.header('content-type') ?? '').startsWith(MEDIA_TYPE))
      throw new ProblemError(415, `The body must be sent with content-type: ${MEDIA_TYPE}.`, [], {
        accept: MEDIA_TYPE,
      });
    const body = c.req.raw.body;
    if (!body) throw new ProblemError(400, 'The body is empty.');
    const room = roomFor(c.env, c.req.raw);
    const copy = async (): Promise<Made> => {
      const source = await readImport(body, room);
      refusePrivate(source.making.webhooks, c.req.header('origin'));
      return copyCluster(c.env, source, DEFAULT_TTL_SECONDS, counted(c));
    };
    const made = await copy().finally(() => room.holding.give());
    return c.json(created(made, c.req.url), 201, { location: `/v1/clusters/${made.spec.id}` });
  });
}

/** A file that is none makes no cluster, and does not count as one. */
const counted = (c: Context<{ Bindings: PlatformBindings }>) => () => countNewCluster(c.env, c.req.raw, Date.now());

const created = ({ spec, token }: Made, url: string) => ({ ...clusterView(spec, url), token });

/** A page of a cluster's state: as text, and what it is made of. */
const HELD_BYTES = 2 * MAX_PAGE_BYTES;

interface Source {
  id: string;
  /** Room for a page. */
  held: Holding;
  object: ReturnType<PlatformBindings['CLUSTER']['getByName']>;
}

/** @throws ProblemError 429 while there is no room for another copy */
async function sourceOf({ CLUSTER }: PlatformBindings, id: string): Promise<Source> {
  refuseIfBusy(id, Date.now());
  const held = heldBytes.open(id);
  if (!(await held.wait(HELD_BYTES))) throw tooManyRequests(1);
  return { id, held, object: CLUSTER.getByName(id) };
}

async function statePage({ id, object }: Source, at: number, from = '', epoch?: string): Promise<Spent<StatePage>> {
  const page = await object.statePage(at, from, PAGE_KEYS, epoch);
  if ('ended' in page) throw new ProblemError(503, 'The cluster went back to its beginning meanwhile. Try again.');
  letAlone(id, page.busyMs, Date.now());
  if ('error' in page) throw new ProblemError(422, page.error);
  return page;
}

/** One that has been begun is not refused: it waits for the object as long as all others do. */
async function* pagesFrom(source: Source, first: Spent<StatePage>): AsyncGenerator<StatePage> {
  for (let page = first; ; page = await statePage(source, first.revision, page.next, first.epoch)) {
    yield page;
    if (page.next === undefined) return;
    const { busyMs } = page;
    if (busyMs) await new Promise((resolve) => setTimeout(resolve, busyMs));
  }
}

async function* exportLines(source: Source, header: SnapshotHeader<Making>, first: StatePage): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  for await (const { kvs } of pagesFrom(source, first)) yield kvs.map((kv) => `${encodeEntry(kv)}\n`).join('');
}

function textStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await texts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: async () => {
        await texts.return(undefined);
      },
    },
    // A page is read when the client takes it, not before.
    { highWaterMark: 0 },
  );
}
