/** `POST /v1/clusters`: a cluster is made, and what it is to begin with. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { tokenHash } from '../../apiserver/identity/authentication.ts';
import { quorumWarnings } from '../../kubeadm/topology.ts';
import type { PlatformBindings } from '../bindings.ts';
import { NO_CLUSTER } from '../copies/cluster-state.ts';
import { countNewCluster } from '../directory/access.ts';
import { addCluster, removeCluster } from '../directory/directory.ts';
import { forgetCluster, rememberCluster } from '../directory/known-clusters.ts';
import { ALWAYS, BODY_REFUSED, jsonBodyOf, LOCATION } from '../http/answers.ts';
import { optionalJsonBody } from '../http/body.ts';
import { ProblemError } from '../http/problem.ts';
import { newClusterId, newToken } from '../tokens.ts';
import { clusterView, createdSchema } from './cluster-schemas.ts';
import type { ClusterSpec } from './cluster-spec.ts';
import { clusterRequestSchema, clusterSpec } from './cluster-spec.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { type Applied, type Ask, applyManifests, type Manifest, parseManifests } from './manifests.ts';
import { refusePrivate } from './webhooks-schema.ts';

const EXAMPLES = {
  nodes: { nodes: 3 },
  topology: { topology: 'stacked', controlPlanes: 3, nodes: 3 },
  tests: { profile: 'api', ttl: 600, kubeconfig: true },
  lesson: {
    name: 'lesson',
    seed: 7,
    nodes: [
      { name: 'node-1', labels: { disk: 'ssd' } },
      { name: 'node-2', capacity: { cpu: '2' }, taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] },
    ],
    behaviours: [{ match: { labels: { app: 'slow' } }, ready: false }],
    clock: { start: '2026-10-28T09:00:00Z', paused: true },
    manifests: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
  },
};

const createClusterRoute = createRoute({
  method: 'post',
  path: '/v1/clusters',
  operationId: 'createCluster',
  summary: 'Make a cluster',
  tags: ['clusters'],
  security: [],
  middleware: optionalJsonBody,
  request: { body: jsonBodyOf(clusterRequestSchema, false, EXAMPLES) },
  responses: {
    201: {
      description: 'The cluster, ready for use.',
      headers: LOCATION,
      content: { 'application/json': { schema: createdSchema } },
    },
    ...BODY_REFUSED,
    ...ALWAYS,
  },
});

/** The origin of requests that do not come from outside. */
const INSIDE = 'https://diorama.invalid';

export function serveCreation(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(createClusterRoute, async (c) => {
    const { manifests: given, kubeconfig: wanted, ...request } = c.req.valid('json');
    const manifests = given === undefined ? undefined : parseManifests(given);
    refusePrivate(request.webhooks, c.req.header('origin'));
    await countNewCluster(c.env, c.req.raw, Date.now());
    const clusterId = newClusterId();
    const token = newToken(clusterId);
    const spec = clusterSpec(request, clusterId, await tokenHash(token), Date.now());
    await Promise.all([c.env.CLUSTER.getByName(spec.id).create(spec), addCluster(c.env.DB, spec, request)]);
    rememberCluster(spec.id, spec.expiresAt);
    const applied = manifests && (await furnish(c.env, spec, token, manifests));
    const { id, name, server, createdAt, expiresAt } = clusterView(spec, c.req.url);
    const warnings = spec.topology ? quorumWarnings(spec.topology) : [];
    const created = {
      ...{ id, name, server, token, createdAt, expiresAt },
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(applied ? { manifests: applied } : {}),
      ...(wanted ? { kubeconfig: kubeconfigFor(c.env, c.req.url, id, token) } : {}),
    };
    return c.json(created, 201, { location: `/v1/clusters/${id}` });
  });
}

/**
 * The manifests become the cluster's beginning. What goes wrong on the way leaves no cluster behind, for nobody knows its token.
 * @throws ProblemError 422 for a cluster that is over before
 */
async function furnish(
  env: PlatformBindings,
  spec: ClusterSpec,
  token: string,
  manifests: Manifest[],
): Promise<Applied> {
  const { id } = spec;
  const object = env.CLUSTER.getByName(id);
  const isOver = (): boolean => Date.now() >= spec.expiresAt;
  const ask: Ask = (method, path, headers = {}, body) => {
    const url = new URL(`/clusters/${id}${path}`, INSIDE);
    const init = { method, headers: { ...headers, authorization: `Bearer ${token}` }, ...(body ? { body } : {}) };
    return env.DOOR.serve(new Request(url, init), id, url.pathname.slice(`/clusters/${id}`.length));
  };
  try {
    const applied = await applyManifests(manifests, ask, () => object.settled());
    if (isOver()) throw new Error(NO_CLUSTER);
    await object.markBeginning();
    return applied;
  } catch (error) {
    const wasOver = isOver();
    await object.destroy().catch(() => undefined);
    await removeCluster(env.DB, id);
    forgetCluster(id);
    if (!wasOver) throw error;
    const detail = 'is over before the manifests are applied';
    throw new ProblemError(422, `/ttl: ${detail}`, [{ pointer: '/ttl', detail }]);
  }
}
