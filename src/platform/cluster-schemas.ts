/** How `/v1` shows a cluster, and what its routes have in common. */
import { z } from '@hono/zod-openapi';
import type { ClusterRow } from './directory.ts';
import { appliedSchema } from './manifests.ts';
import { PROBLEM_MEDIA_TYPE, problemSchema } from './problem.ts';

export const timestamp = z.iso.datetime().openapi({ example: '2026-10-28T09:00:00.000Z' });

export const clusterSchema = z
  .object({
    id: z.string().openapi({ example: 'kx3oqmz7ab' }),
    name: z.string(),
    server: z.url().openapi({ description: "The cluster's own URL, where the Kubernetes API is." }),
    createdAt: timestamp,
    expiresAt: timestamp,
  })
  .openapi('Cluster');

export const createdSchema = clusterSchema
  .extend({
    token: z.string().openapi({ description: "The cluster admin's token. It is told only once." }),
    kubeconfig: z.string().optional().openapi({ description: 'A kubeconfig with that token, if one was asked for.' }),
    manifests: appliedSchema.optional().openapi({ description: 'What became of the manifests, if there were any.' }),
  })
  .openapi('CreatedCluster');

export const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

export const TOO_MANY = {
  ...problem('Asked too often; `Retry-After` says in how many seconds to ask again.'),
  headers: z.object({ 'retry-after': z.string().openapi({ example: '1' }) }),
};

export const REFUSED = {
  401: problem('No token, or a wrong one.'),
  403: problem("Another cluster's token."),
  404: problem('There is no such cluster.'),
  429: TOO_MANY,
};

export const id = z
  .string()
  .min(1)
  .openapi({ param: { name: 'id', in: 'path' }, example: 'kx3oqmz7ab' });
export const SECURITY = [{ token: [] }];

export function clusterView(row: Pick<ClusterRow, 'id' | 'name' | 'createdAt' | 'expiresAt'>, requestUrl: string) {
  return {
    id: row.id,
    name: row.name,
    server: `${new URL(requestUrl).origin}/clusters/${row.id}`,
    createdAt: new Date(row.createdAt).toISOString(),
    expiresAt: new Date(row.expiresAt).toISOString(),
  };
}
