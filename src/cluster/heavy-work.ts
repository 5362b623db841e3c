/**
 * The process for heavy work: what a request to a cluster or a simulation takes of computing is done here, so that nobody else's
 * request waits for it. Whoever asks has been admitted, and waits here for room; the clusters' objects are where they were.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { CallWebhook } from '../objects/webhook-call.ts';
import { platformApp } from '../platform/app.ts';
import { problemResponse, tooManyRequests } from '../platform/http/problem.ts';
import { SIMULATION_BYTES } from '../platform/limits.ts';
import { OPENED_HEADER } from '../platform/simulate/elsewhere.ts';
import { heldUntilRead } from '../simulation/held-body.ts';
import { workBytes } from '../simulation/held-bytes.ts';
import type { Assets } from './assets.ts';
import { gateOf, openEntry } from './entry.ts';
import { type Clusters, clusterBy } from './entrypoint.ts';
import { answerHeld } from './held-answer.ts';
import { ADMITTED_HEADER, BYTES_HEADER, GONE_HEADER, readHanded } from './offload.ts';
import { ClusterGone, RemoteStorage } from './remote-storage.ts';
import { innerUrl, serverOf } from './server.ts';

interface HeavyEnv {
  CLUSTERS: Clusters;
  ASSETS: Assets;
}

/** Whose part of what is held simulations have: all of them together are as one cluster. */
const SIMULATIONS = 'simulations';

export class HeavyWork extends WorkerEntrypoint<HeavyEnv> {
  override fetch(request: Request): Promise<Response> {
    const handed = request.headers.get(ADMITTED_HEADER);
    return handed === null ? simulated(request) : answered(request, handed, this.env);
  }
}

/** The platform without anything of its own: no objects, no directory, nobody to count. */
async function simulated(request: Request): Promise<Response> {
  const held = workBytes.open(SIMULATIONS);
  if (!(await held.wait(SIMULATION_BYTES))) return problemResponse(tooManyRequests(1));
  const answer = await platformApp.fetch(request, {
    OPENED: request.headers.get(OPENED_HEADER) === 'true',
    HOLD: () => workBytes.open(SIMULATIONS),
  });
  const whole = await answer.arrayBuffer();
  held.hold(Math.max(0, whole.byteLength - held.bytes));
  return heldUntilRead(new Response(whole, answer), held);
}

async function answered(request: Request, handed: string, env: HeavyEnv): Promise<Response> {
  const { expected, ...admitted } = readHanded(handed);
  const { id, pathname, identity } = admitted;
  const stub = clusterBy(env.CLUSTERS, id);
  const opened = await openEntry(stub, id);
  if (!opened) return gone();
  const { entry, draws, kinds } = opened;
  const storage = new RemoteStorage(stub, entry.epoch, {
    draws,
    kinds,
    held: workBytes.open(id),
    busy: () => undefined,
  });
  const gate = gateOf(entry, storage, () => stub.open());
  const callWebhook: CallWebhook = (call) => storage.callWebhook(call);
  const server = serverOf(admitted, entry, storage, { gate, assets: env.ASSETS, callWebhook });
  const url = innerUrl(new URL(request.url), pathname);
  try {
    const response = await answerHeld(storage, expected, () => server.handle(request, identity, url));
    // Of an answer for which there was no room nothing is known.
    if (response.status !== 429) response.headers.set(BYTES_HEADER, String(storage.bytes));
    return response;
  } catch (error) {
    if (!(error instanceof ClusterGone)) throw error;
    return gone();
  }
}

const gone = (): Response => new Response(null, { status: 410, headers: { [GONE_HEADER]: 'true' } });
