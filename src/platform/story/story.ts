/** `/v1/clusters/ID/story` and `/commits`: what was written in a cluster, by whom, and for what. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Story, StoryCommit, StoryDiff } from '../../objects/story.ts';
import type { PlatformBindings } from '../bindings.ts';
import { id, SECURITY } from '../clusters/cluster-schemas.ts';
import { openCluster, unlessBusy } from '../directory/access.ts';
import { problem, REFUSED } from '../http/answers.ts';
import { ProblemError } from '../http/problem.ts';
import { z } from '../zod.ts';
import { arrowsOf } from './arrows.ts';
import { mermaid } from './mermaid.ts';
import { otlp } from './otlp.ts';
import type { StoryAnswer, StoryQuestion } from './question.ts';
import {
  DEFAULT_COMMITS,
  diffSchema,
  MAX_COMMITS,
  managedFields,
  objectQuery,
  revisionQuery,
  storySchema,
} from './schemas.ts';
import { svg } from './svg.ts';
import { withTime } from './with-time.ts';

const QUERY_REFUSED = {
  ...REFUSED,
  422: problem('The query is wrong, or the cluster does not keep what its writes were made for.'),
};
const HISTORY_REFUSED = {
  ...QUERY_REFUSED,
  410: problem('The cluster’s history does not reach so far: that is compacted, or still to come.'),
};

const storyRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/story',
  operationId: 'getStory',
  tags: ['story'],
  summary: 'The story of an object: every write of it, what led to each, and what came of them',
  description:
    'It begins with the request that made the object, or the owner of its owners. With `format` it is a sequence diagram in the language of Mermaid, a picture, or spans of OpenTelemetry. Values of Secrets are left out.',
  security: SECURITY,
  request: {
    params: z.object({ id }),
    query: z.object({
      object: objectQuery,
      format: z
        .enum(['json', 'mermaid', 'svg', 'otlp'])
        .default('json')
        .openapi({ description: 'In which form; `otlp` is OTLP/JSON.' }),
      at: revisionQuery('Of several lives under this name the one at this revision; the last by default.'),
      before: revisionQuery(
        'Only writes of the object before this revision: the `before` of a story that was too long.',
      ),
      managedFields,
    }),
  },
  responses: {
    200: {
      description: 'The story.',
      content: {
        'application/json': { schema: storySchema },
        'text/plain': { schema: z.string() },
        'image/svg+xml': { schema: z.string() },
      },
    },
    ...QUERY_REFUSED,
  },
});

const diffRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/story/diff',
  operationId: 'getStoryDiff',
  tags: ['story'],
  summary: 'What became of an object between two revisions',
  security: SECURITY,
  request: {
    params: z.object({ id }),
    query: z.object({
      object: objectQuery,
      from: revisionQuery('The first of the two; by default the one before the object’s last change up to `to`.'),
      to: revisionQuery('The second; now by default.'),
      managedFields,
    }),
  },
  responses: {
    200: { description: 'What changed.', content: { 'application/json': { schema: diffSchema } } },
    ...HISTORY_REFUSED,
  },
});

const commitsRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/commits',
  operationId: 'listCommits',
  tags: ['story'],
  summary: 'All that was written, revision by revision, with who wrote it and for what',
  description: 'Lines of JSON, one for each revision. Whoever goes on asks from the revision after the last.',
  security: SECURITY,
  request: {
    params: z.object({ id }),
    query: z.object({
      from: revisionQuery('The first revision; 2 by default, after what every cluster begins with.'),
      limit: z.coerce
        .number()
        .pipe(z.int().min(1).max(MAX_COMMITS))
        .default(DEFAULT_COMMITS)
        .openapi({ type: 'integer', description: 'Changes that are told at the most.' }),
    }),
  },
  responses: {
    200: {
      description: 'The commits, the oldest first.',
      content: { 'application/x-ndjson': { schema: z.string() } },
    },
    ...HISTORY_REFUSED,
  },
});

const FIRST_REVISION = 2;

/** The answer's text. Throws as `openCluster` and `unlessBusy`, and ProblemError 404, 410, 422. */
async function ask(
  { env, req }: Context<{ Bindings: PlatformBindings }>,
  id: string,
  question: StoryQuestion,
): Promise<string> {
  const { cluster } = await openCluster(env, req.raw, id, Date.now(), 'see');
  const answer = await unlessBusy<StoryAnswer>(cluster.id, () => env.CLUSTER.getByName(cluster.id).story(question));
  if ('text' in answer) return answer.text;
  if ('unknown' in answer) throw new ProblemError(404, `${answer.unknown}.`);
  if ('gone' in answer) throw new ProblemError(410, `${answer.gone}.`);
  throw new ProblemError(
    422,
    'The cluster was made with "causes": false, so it does not know what was written for what.',
  );
}

export function serveStories(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(storyRoute, async (c) => {
    const { format, ...asked } = c.req.valid('query');
    const story = JSON.parse(await ask(c, c.req.valid('param').id, { what: 'story', ...asked })) as Story;
    if (format === 'mermaid') return c.text(mermaid(story), 200);
    if (format === 'svg') return textOf(svg(story), 'image/svg+xml');
    if (format === 'otlp') return textOf(JSON.stringify(otlp(story)), 'application/json');
    const { writes, ...rest } = story;
    const told = { ...rest, writes: writes.map(withTime), arrows: arrowsOf(story).map(withTime) };
    return c.json(told as z.input<typeof storySchema>, 200);
  });
  app.openapi(diffRoute, async (c) => {
    const text = await ask(c, c.req.valid('param').id, { what: 'diff', ...c.req.valid('query') });
    return c.json(JSON.parse(text) as StoryDiff as z.input<typeof diffSchema>, 200);
  });
  app.openapi(commitsRoute, async (c) => {
    const { from = FIRST_REVISION, limit } = c.req.valid('query');
    const text = await ask(c, c.req.valid('param').id, { what: 'commits', from, limit });
    const lines = text.split('\n').filter(Boolean);
    const told = lines.map((line) => `${JSON.stringify(withTime(JSON.parse(line) as StoryCommit))}\n`);
    return textOf(told.join(''), 'application/x-ndjson');
  });
}

/** Of other types than the route's answers are checked for. */
const textOf = (text: string, type: string): never =>
  new Response(text, { headers: { 'content-type': type } }) as never;
