/** What the routes below `/v1/clusters/ID/namespaces/NAMESPACE/pods/NAME` have in common. */
import type { Context } from 'hono';
import type { PlatformBindings, PodView } from '../bindings.ts';
import { openCluster, unlessBusy } from '../directory/access.ts';
import { z } from '../zod.ts';
import { id } from './cluster-schemas.ts';

const part = (name: string, description: string, example: string) =>
  z
    .string()
    .min(1)
    .openapi({ param: { name, in: 'path' }, description, example });

export const podParams = z.object({
  id,
  namespace: part('namespace', "The pod's namespace.", 'default'),
  name: part('name', "The pod's name.", 'web-1'),
});

/** As it comes from the cluster; undefined: there is no such pod. Throws as `openCluster` and `unlessBusy`. */
export async function podView(
  { env, req }: Context<{ Bindings: PlatformBindings }>,
  view: PodView,
  { id, namespace, name }: z.output<typeof podParams>,
): Promise<unknown> {
  const { cluster } = await openCluster(env, req.raw, id, Date.now(), 'see');
  const found = await unlessBusy(cluster.id, () => env.CLUSTER.getByName(cluster.id).podView(view, namespace, name));
  return 'unknown' in found ? undefined : JSON.parse(found.json);
}
