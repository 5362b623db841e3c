/** A new cluster out of another's state. It is no cluster until all of it is there; what is left unfinished goes away by itself. */
import { tokenHash } from '../../apiserver/identity/authentication.ts';
import type { KeyValue } from '../../etcd/types.ts';
import type { PlatformBindings } from '../bindings.ts';
import type { ClusterSpec } from '../clusters/cluster-spec.ts';
import { addCluster } from '../directory/directory.ts';
import { rememberCluster } from '../directory/known-clusters.ts';
import { ProblemError } from '../http/problem.ts';
import { newClusterId, newToken } from '../tokens.ts';
import type { CopyRefusal, Making, StatePage } from './cluster-state.ts';

export interface CopyPage {
  kvs: KeyValue[];
  /** What to say if the key at this place has come before. */
  repeated?(index: number): ProblemError;
}

export interface CopySource {
  making: Making;
  /** The revision and the cluster's own time of the state. */
  state: Pick<StatePage, 'revision' | 'time'>;
  pages: AsyncGenerator<CopyPage>;
  /** Whether an API server starts on it anew, which gives it the default objects that it lacks; a fork has what there was. */
  bootstrap: boolean;
}

export interface Made {
  spec: ClusterSpec;
  token: string;
}

async function copiedSpec({ making, state }: CopySource, ttl: number, id: string, token: string): Promise<ClusterSpec> {
  const now = Date.now();
  return {
    ...making,
    id,
    createdAt: now,
    expiresAt: now + ttl * 1000,
    adminTokenHashes: [await tokenHash(token)],
    nodes: [],
    baseTime: making.baseTime ?? making.clock.start,
    clock: { ...making.clock, start: state.time },
  };
}

const INTERRUPTED = new ProblemError(503, 'The copy was interrupted, and nothing is left of it. Try again.');

const FULL = new ProblemError(413, 'That is more than a cluster may hold.');

function problemOf(refusal: CopyRefusal, page: CopyPage): ProblemError {
  if ('full' in refusal) return FULL;
  return ('repeated' in refusal && page.repeated?.(refusal.repeated)) || INTERRUPTED;
}

/** `ttl`: seconds. `admit` may refuse by throwing, once there is something to make a cluster of. What goes wrong on the way leaves no cluster behind. */
export async function copyCluster(
  env: PlatformBindings,
  source: CopySource,
  ttl: number,
  admit: () => Promise<void>,
): Promise<Made> {
  const id = newClusterId();
  const token = newToken(id);
  const spec = await copiedSpec(source, ttl, id, token);
  // What fails at its beginning has not touched an object.
  let page = await source.pages.next();
  await admit();
  const target = env.CLUSTER.getByName(spec.id);
  try {
    await target.beginCopy(spec);
    for (; !page.done; page = await source.pages.next()) {
      const refusal = await target.copyPage(page.value.kvs);
      if (refusal) throw problemOf(refusal, page.value);
    }
    if (await target.finishCopy(source.state.revision, source.bootstrap)) throw INTERRUPTED;
    await addCluster(env.DB, spec, { copied: true });
  } catch (error) {
    await target.destroy().catch(() => undefined);
    if (error instanceof ProblemError) throw error;
    console.error(error);
    throw INTERRUPTED;
  }
  rememberCluster(spec.id, spec.expiresAt);
  return { spec, token };
}
