/**
 * The small service by which a local server calls webhooks: a Worker has no certificates but those of public trust. It listens at a socket
 * in the state folder, which nobody but the server's owner may enter, and the Worker reaches it by a binding; no client has a way there.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { WebhookCall } from '../../src/objects/webhook-call.ts';
import { HeldBytes, MAX_HELD_BYTES } from '../../src/simulation/held-bytes.ts';
import { type Reach, webhookCaller } from './webhook-caller.ts';
import { WEBHOOKS_SOCKET } from './workerd-config.ts';

/** Bytes of answers that the service holds: of one host's half at the most. */
export const MAX_SERVICE_BYTES = MAX_HELD_BYTES;

export async function startWebhookService(stateDir: string, reach: Reach): Promise<{ close(): void }> {
  const caller = webhookCaller(reach);
  const held = new HeldBytes(MAX_SERVICE_BYTES);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = JSON.parse(await text(request)) as WebhookCall;
    const holding = held.open(new URL(call.url).host);
    response.once('close', () => holding.give());
    const answered = await caller.call(call, holding);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answered));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      response.statusCode = 400;
      response.end();
    });
  });
  const socket = join(stateDir, WEBHOOKS_SOCKET);
  rmSync(socket, { force: true });
  await new Promise<void>((fulfil, reject) => {
    server.once('error', reject);
    server.listen(socket, fulfil);
  });
  chmodSync(socket, 0o600);
  // It is there for the server, and keeps nobody's process.
  server.unref();
  return {
    close() {
      server.close();
      server.closeAllConnections();
      caller.close();
    },
  };
}
