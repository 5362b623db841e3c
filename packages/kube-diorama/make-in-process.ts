/** What a cluster in this process is made of. Most of Diorama is behind this file, so it is loaded when the first one is made. */

import { createAuthority } from '../../src/platform/certificate.ts';
import { clusterRequestSchema, clusterSpec } from '../../src/platform/cluster-spec.ts';
import { newClusterId, newToken } from '../../src/platform/tokens.ts';
import { createSteppedCluster, type SteppedCluster } from '../../src/stepped-cluster.node.ts';

export type MadeInProcess = SteppedCluster & { id: string; token: string };

/** One for all clusters of a process. */
let rootCA: Promise<string> | undefined;
const makeRootCA = async (): Promise<string> =>
  (await createAuthority({ commonName: 'Diorama', now: Date.now(), years: 10 })).certificate;

/** @throws Error that names what of the options cannot be */
export async function makeInProcess(options: object): Promise<MadeInProcess> {
  const parsed = clusterRequestSchema.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${['', ...issue!.path].join('/')}: ${issue!.message}`);
  }
  const token = newToken();
  const id = newClusterId();
  const spec = clusterSpec(parsed.data, id, '', Date.now());
  spec.clock = { ...spec.clock, speed: 1, paused: false };
  rootCA ??= makeRootCA();
  const cluster = await createSteppedCluster({ spec, adminToken: token, rootCA: await rootCA });
  return Object.defineProperties(cluster, { id: { value: id }, token: { value: token } }) as MadeInProcess;
}
