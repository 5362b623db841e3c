/**
 * The process for heavy work: what a request to a cluster or a simulation takes of computing is done here, so that nobody else's
 * request waits for it. Whoever asks has been admitted; the clusters' objects are where they were.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { gateOf, openEntry } from './cluster-entry.ts';
import { type Admitted, innerRequest, serverOf } from './cluster-server.ts';
import { ClusterGone, RemoteStorage } from './cluster-storage.ts';
import { type Clusters, clusterBy } from './clusters-entrypoint.ts';
import { ADMITTED_HEADER, BYTES_HEADER, GONE_HEADER, readAdmitted } from './offload.ts';
import { platformApp } from './platform/app.ts';
import { OPENED_HEADER } from './platform/elsewhere.ts';

interface HeavyEnv {
  CLUSTERS: Clusters;
}

export class HeavyWork extends WorkerEntrypoint<HeavyEnv> {
  override fetch(request: Request): Response | Promise<Response> {
    const admitted = request.headers.get(ADMITTED_HEADER);
    return admitted === null ? simulated(request) : answered(request, readAdmitted(admitted), this.env.CLUSTERS);
  }
}

/** The platform without anything of its own: no objects, no directory, nobody to count. */
const simulated = (request: Request): Response | Promise<Response> =>
  platformApp.fetch(request, { OPENED: request.headers.get(OPENED_HEADER) === 'true' });

async function answered(request: Request, admitted: Admitted, clusters: Clusters): Promise<Response> {
  const { id, pathname, identity } = admitted;
  const stub = clusterBy(clusters, id);
  const opened = await openEntry(stub, id);
  if (!opened) return gone();
  const storage = new RemoteStorage(stub, opened.entry.epoch, opened.draws, () => undefined);
  const server = serverOf(
    admitted,
    opened.entry,
    storage,
    gateOf(opened.entry, storage, () => stub.open()),
  );
  const inner = innerRequest(request, pathname);
  let response: Response;
  try {
    response = await server.handle(inner, identity);
  } catch (error) {
    if (!(error instanceof ClusterGone)) throw error;
    return gone();
  }
  if (storage.gone) return gone();
  response.headers.set(BYTES_HEADER, String(storage.bytes));
  return response;
}

const gone = (): Response => new Response(null, { status: 410, headers: { [GONE_HEADER]: 'true' } });
