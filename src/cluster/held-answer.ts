/** Answers of a cluster's API server: one that is large finds room before it is made, and keeps that until it has been read. */
import { flowControlResponse } from '../apiserver/answer/flow-control.ts';
import { heldUntilRead } from '../simulation/held-body.ts';
import { LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { ClusterGone, type RemoteStorage } from './remote-storage.ts';

/** `expected`: bytes for which there is to be room, as far as is known. @throws ClusterGone */
export async function answerHeld(
  storage: RemoteStorage,
  expected: number,
  serve: () => Promise<Response>,
): Promise<Response> {
  const { held } = storage;
  if (expected > 0 && !(await held.wait(expected))) return flowControlResponse(1);
  let response: Response;
  try {
    response = await serve();
    if (storage.gone) throw new ClusterGone();
  } catch (error) {
    held.give();
    throw error;
  }
  // What is made elsewhere after all is nothing that anybody reads here.
  if (!storage.tooMuch && Math.max(held.bytes, storage.bytes) > LIGHT_BYTES) return heldUntilRead(response, held);
  held.give();
  return response;
}
