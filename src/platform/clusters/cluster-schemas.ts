/** How `/v1` shows a cluster, and how one is named and opened. */
import type { ClusterRow } from '../directory/directory.ts';
import { z } from '../zod.ts';
import { appliedSchema } from './manifests.ts';

export const timestamp = (description: string) =>
  z.iso.datetime().openapi({ description, example: '2026-10-28T09:00:00.000Z' });

export const clusterSchema = z
  .object({
    id: z.string().openapi({ description: 'By which it is asked for.', example: 'kx3oqmz7ab' }),
    name: z.string().openapi({ description: 'What it is called; its id, if it was given no name.', example: 'lesson' }),
    server: z.url().openapi({ description: "The cluster's own URL, where the Kubernetes API is." }),
    createdAt: timestamp('When it was made.'),
    expiresAt: timestamp('When it will be gone.'),
  })
  .openapi('Cluster', { description: 'A cluster as the directory knows it.' });

export const createdSchema = clusterSchema
  .extend({
    token: z.string().openapi({ description: "The cluster admin's token. It is told only once." }),
    kubeconfig: z.string().optional().openapi({ description: 'A kubeconfig with that token, if one was asked for.' }),
    warnings: z.array(z.string()).optional().openapi({ description: 'What is as it was asked for, and better not.' }),
    manifests: appliedSchema.optional().openapi({ description: 'What became of the manifests, if there were any.' }),
  })
  .openapi('CreatedCluster', { description: 'A new cluster, with what is told only once.' });

export const id = z
  .string()
  .min(1)
  .openapi({ param: { name: 'id', in: 'path' }, description: "The cluster's id.", example: 'kx3oqmz7ab' });
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
