/** `/bridge/webhooks` of a cluster: where `kube-diorama bridge webhooks` holds its WebSocket. It is the cluster admin's. */
import type { Gate } from '../apiserver/gate.ts';
import { opaqueIdentity } from '../apiserver/gate.ts';
import { bearerToken } from '../apiserver/identity/authentication.ts';
import { isServiceAccountToken } from '../apiserver/identity/service-account-token.ts';
import { httpsURL } from '../objects/webhook-call.ts';
import { BRIDGE_PROTOCOL } from '../objects/webhook-wire.ts';
import { isMaster } from '../resources/rbac/authorizer.ts';
import { ClusterGone, type ClusterStub } from './remote-storage.ts';
import { bridgeUrl } from './rpc.ts';
import { MAX_BRIDGED_CHARACTERS, MAX_BRIDGED_URLS } from './webhook-bridges.ts';

const refused = (status: number, message: string): Response => Response.json({ message }, { status });

/** `to`: the URLs that it stands for. @throws ClusterGone, StatusError */
export async function bridgeWebhooks(
  request: Request,
  { stub, epoch }: { stub: ClusterStub; epoch: string },
  gate: Gate,
  to: string[],
): Promise<Response> {
  const token = bearerToken(request);
  if (token === undefined || isServiceAccountToken(token))
    return refused(401, "a bridge is the cluster admin's: send the cluster's token");
  const identity = await opaqueIdentity(token, request.headers, gate);
  if (!isMaster(identity)) return refused(403, "a bridge is the cluster admin's: this token may do less");
  const problem = problemOf(to);
  if (problem) return refused(422, problem);
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return refused(426, 'a bridge is a WebSocket');
  const answer = await stub.fetch(
    new Request(bridgeUrl(epoch, to, identity.token), { headers: { upgrade: 'websocket' } }),
  );
  if (answer.status === 410) throw new ClusterGone();
  if (!answer.webSocket) return refused(answer.status, 'the cluster has as many bridges as it may have');
  const asked = request.headers.get('sec-websocket-protocol') ?? '';
  const speaks = asked.split(',').some((protocol) => protocol.trim() === BRIDGE_PROTOCOL);
  const headers: HeadersInit = speaks ? { 'sec-websocket-protocol': BRIDGE_PROTOCOL } : {};
  return new Response(null, { status: 101, webSocket: answer.webSocket, headers });
}

function problemOf(to: readonly string[]): string | undefined {
  if (to.length === 0 || to.some((url) => !httpsURL(url))) return 'say by `to` which https URLs the bridge stands for';
  if (to.length > MAX_BRIDGED_URLS || to.join('').length > MAX_BRIDGED_CHARACTERS)
    return `a bridge stands for ${MAX_BRIDGED_URLS} URLs at the most, which have ${MAX_BRIDGED_CHARACTERS} characters together`;
  return undefined;
}
