/** `/v1/clusters/ID/tokens`: tokens of less power than the admin's, for a page that many read or a client that is to change little. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { tokenHash } from '../../apiserver/identity/authentication.ts';
import type { IssuedToken } from '../../apiserver/identity/issued-token.ts';
import { DNS1123_LABEL } from '../../objects/names.ts';
import { TOKEN_ROLES } from '../../resources/rbac/token-grant.ts';
import type { PlatformBindings } from '../bindings.ts';
import { openCluster } from '../directory/access.ts';
import type { ClusterRow } from '../directory/directory.ts';
import { BODY_REFUSED, jsonBodyOf, LOCATION, problem, REFUSED } from '../http/answers.ts';
import { jsonBody } from '../http/body.ts';
import { ProblemError, shortened } from '../http/problem.ts';
import { MAX_TOKEN_NAMESPACES, MAX_TOKEN_ORIGINS, MAX_TOKENS } from '../limits.ts';
import { newToken, newTokenId } from '../tokens.ts';
import { z } from '../zod.ts';
import { ttl } from './cluster-fields.ts';
import { id, SECURITY, timestamp } from './cluster-schemas.ts';

const namespace = z.string().max(63, 'must be a DNS label').regex(DNS1123_LABEL, 'must be a DNS label');
export const MAX_ORIGIN_LENGTH = 300;
const origin = z
  .string()
  .max(MAX_ORIGIN_LENGTH)
  .refine(
    // A star stands for nothing but itself, and no page has it in its name.
    (text) => URL.canParse(text) && new URL(text).origin === text && !text.includes('*'),
    'must be an origin, such as https://blog.example',
  );

const tokenRequestSchema = z
  .strictObject({
    role: z.enum(TOKEN_ROLES).openapi({
      description:
        'The rules of the ClusterRole of this name. Without namespaces `admin` may do all that the admin may, and the others also see nodes and what else is in no namespace.',
    }),
    namespaces: z
      .array(namespace)
      .min(1)
      .max(MAX_TOKEN_NAMESPACES)
      .optional()
      .openapi({ description: 'Where the role holds; everywhere by default.' }),
    origins: z
      .array(origin)
      .min(1)
      .max(MAX_TOKEN_ORIGINS)
      .optional()
      .openapi({ description: 'The pages that may use it, e.g. `https://blog.example`; anybody by default.' }),
    ttl: ttl.optional().openapi({ description: 'Seconds until it ends; as long as the cluster lives by default.' }),
  })
  .openapi('TokenRequest', { description: 'What a token is to be good for.' });

const tokenSchema = z
  .object({
    id: z.string().openapi({ description: 'By which it is revoked.', example: 'k3o7mz2qxa' }),
    role: z.enum(TOKEN_ROLES).openapi({ description: 'What it may.' }),
    namespaces: z.array(z.string()).optional().openapi({ description: 'Where it may.' }),
    origins: z.array(z.string()).optional().openapi({ description: 'The pages that may use it.' }),
    createdAt: timestamp('When it was made.'),
    expiresAt: timestamp('When it ends.'),
  })
  .openapi('Token', { description: 'What is known of a token of less power.' });

const createdTokenSchema = tokenSchema
  .extend({ token: z.string().openapi({ description: 'The token itself. It is told only once.' }) })
  .openapi('CreatedToken', { description: 'A new token of less power.' });

const tokenListSchema = z
  .object({ items: z.array(tokenSchema).openapi({ description: 'The tokens, the newest first.' }) })
  .openapi('TokenList', { description: 'The tokens of less power that a cluster has.' });

const createTokenRoute = createRoute({
  method: 'post',
  path: '/v1/clusters/{id}/tokens',
  operationId: 'createToken',
  summary: 'Make a token of less power',
  tags: ['tokens'],
  security: SECURITY,
  middleware: jsonBody,
  request: {
    params: z.object({ id }),
    body: jsonBodyOf(tokenRequestSchema, true, {
      readers: { role: 'view', origins: ['https://blog.example'], ttl: 3600 },
      editor: { role: 'edit', namespaces: ['default'] },
    }),
  },
  responses: {
    201: {
      description: 'The token.',
      headers: LOCATION,
      content: { 'application/json': { schema: createdTokenSchema } },
    },
    ...REFUSED,
    ...BODY_REFUSED,
    422: problem('The body asks for something that cannot be, or the cluster has all the tokens that it may.'),
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/tokens',
  operationId: 'listTokens',
  summary: "The cluster's tokens of less power, without the tokens themselves",
  tags: ['tokens'],
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: {
    200: {
      description: 'The newest first.',
      content: { 'application/json': { schema: tokenListSchema } },
    },
    ...REFUSED,
  },
});

const tokenId = z
  .string()
  .min(1)
  .openapi({ param: { name: 'tokenId', in: 'path' }, description: "The token's id.", example: 'k3o7mz2qxa' });

const revokeRoute = createRoute({
  method: 'delete',
  path: '/v1/clusters/{id}/tokens/{tokenId}',
  operationId: 'revokeToken',
  summary: 'End a token before its time',
  tags: ['tokens'],
  security: SECURITY,
  request: { params: z.object({ id, tokenId }) },
  responses: { 204: { description: 'It opens nothing any more.' }, ...REFUSED },
});

const view = ({ hash: _, createdAt, expiresAt, ...token }: IssuedToken, cluster: ClusterRow) => ({
  ...token,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: new Date(expiresAt ?? cluster.expiresAt).toISOString(),
});

export function serveTokens(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(createTokenRoute, async (c) => {
    const now = Date.now();
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, now, 'admin');
    const { ttl, role, namespaces, origins } = c.req.valid('json');
    const token = newToken(cluster.id);
    const issued: IssuedToken = {
      id: newTokenId(),
      hash: await tokenHash(token),
      role,
      ...(namespaces ? { namespaces } : {}),
      ...(origins ? { origins } : {}),
      createdAt: now,
      ...(ttl === undefined ? {} : { expiresAt: now + ttl * 1000 }),
    };
    if (!(await c.env.CLUSTER.getByName(cluster.id).issueToken(issued)))
      throw new ProblemError(422, `The cluster has ${MAX_TOKENS} tokens, and may have no more: revoke some.`);
    c.env.DOOR.forget(cluster.id);
    return c.json({ ...view(issued, cluster), token }, 201, {
      location: `/v1/clusters/${cluster.id}/tokens/${issued.id}`,
    });
  });

  app.openapi(listRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now(), 'admin');
    const tokens = await c.env.CLUSTER.getByName(cluster.id).issuedTokens();
    return c.json({ items: tokens.map((token) => view(token, cluster)).reverse() }, 200);
  });

  app.openapi(revokeRoute, async (c) => {
    const { id, tokenId } = c.req.valid('param');
    const { cluster } = await openCluster(c.env, c.req.raw, id, Date.now(), 'admin');
    if (!(await c.env.CLUSTER.getByName(cluster.id).revokeToken(tokenId)))
      throw new ProblemError(404, `The cluster has no token ${shortened(tokenId)}.`);
    c.env.DOOR.forget(cluster.id);
    return c.body(null, 204);
  });
}
