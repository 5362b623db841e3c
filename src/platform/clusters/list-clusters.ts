/** `GET /v1/clusters`: the clusters that a token opens, page by page. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { decodeBase64url, encodeBase64url } from '../../simulation/base64.ts';
import type { PlatformBindings } from '../bindings.ts';
import { visibleClusters } from '../directory/access.ts';
import type { ListPosition } from '../directory/directory.ts';
import { ALWAYS, problem, REFUSED } from '../http/answers.ts';
import { DEFAULT_LISTED_CLUSTERS, MAX_CURSOR_LENGTH, MAX_LISTED_CLUSTERS } from '../limits.ts';
import { isClusterId } from '../tokens.ts';
import { z } from '../zod.ts';
import { clusterSchema, clusterView } from './cluster-schemas.ts';

const encodeCursor = ({ createdAt, id }: ListPosition): string =>
  encodeBase64url(new TextEncoder().encode(`${createdAt}.${id}`));

/** Undefined for what no answer has given. */
function decodeCursor(cursor: string): ListPosition | undefined {
  try {
    const text = new TextDecoder().decode(decodeBase64url(cursor));
    const [, createdAt, id] = /^(\d{1,15})\.(.+)$/.exec(text) ?? [];
    return id !== undefined && isClusterId(id) ? { createdAt: Number(createdAt), id } : undefined;
  } catch {
    return undefined;
  }
}

const query = z.object({
  limit: z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_LISTED_CLUSTERS))
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: MAX_LISTED_CLUSTERS,
      description: `How many clusters a page has at most; ${DEFAULT_LISTED_CLUSTERS} by default.`,
      example: 20,
    }),
  cursor: z
    .string()
    .max(MAX_CURSOR_LENGTH)
    .transform((text, context): ListPosition => {
      const position = decodeCursor(text);
      if (position) return position;
      context.addIssue({ code: 'custom', message: 'must be the `next` of an answer' });
      return z.NEVER;
    })
    .optional()
    .openapi({
      type: 'string',
      maxLength: MAX_CURSOR_LENGTH,
      description: 'Where the page begins: the `next` of the one before.',
    }),
});

const listSchema = z
  .object({
    items: z.array(clusterSchema).openapi({ description: 'The clusters, the newest first.' }),
    next: z.string().optional().openapi({ description: 'The `cursor` of the next page; absent on the last.' }),
  })
  .openapi('ClusterList', { description: 'A page of the clusters that a token opens.' });

const link = z.string().optional().openapi({
  description: 'The address of the next page, as RFC 8288 has it; absent on the last.',
  example: '<https://diorama.example/v1/clusters?limit=20&cursor=MTc5…>; rel="next"',
});

const listClustersRoute = createRoute({
  method: 'get',
  path: '/v1/clusters',
  operationId: 'listClusters',
  summary: 'The clusters that a token opens; a local server lists all of them to a request without a token',
  tags: ['clusters'],
  security: [{ token: [] }, {}] as Record<string, string[]>[],
  request: { query },
  responses: {
    200: {
      description: 'The newest first.',
      headers: z.object({ link }),
      content: { 'application/json': { schema: listSchema } },
    },
    401: REFUSED[401],
    422: problem('A `limit` or a `cursor` that cannot be.'),
    ...ALWAYS,
  },
});

export function serveList(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(listClustersRoute, async (c) => {
    const { limit: asked, cursor: after } = c.req.valid('query');
    const limit = asked ?? DEFAULT_LISTED_CLUSTERS;
    const rows = await visibleClusters(c.env, c.req.raw, Date.now(), { limit: limit + 1, after });
    const page = rows.slice(0, limit);
    const items = page.map((row) => clusterView(row, c.req.url));
    if (rows.length === page.length) return c.json({ items }, 200);
    const next = encodeCursor(page.at(-1)!);
    const url = new URL('/v1/clusters', c.req.url);
    if (asked !== undefined) url.searchParams.set('limit', String(asked));
    url.searchParams.set('cursor', next);
    return c.json({ items, next }, 200, { link: `<${url}>; rel="next"` });
  });
}
