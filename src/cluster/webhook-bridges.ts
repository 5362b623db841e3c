/**
 * Bridges: hibernatable WebSockets by which calls to webhooks reach the machine of whoever holds the cluster's token
 * (`kube-diorama bridge webhooks`). What must be known of one is its socket's attachment, so the object may hibernate under it. A call is
 * known in memory alone: while one waits the object does not hibernate, for its timer runs, and who asked is told of its end in any case.
 */
import type { HubSocket } from '../etcd/watch-hub.ts';
import {
  DEADLINE_EXCEEDED,
  isAllowedWebhook,
  LOST_ANSWER,
  tooLongAnswer,
  type WebhookAnswer,
  type WebhookCall,
} from '../objects/webhook-call.ts';
import { type Message, partsOf, readPart } from '../objects/webhook-wire.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import { BUSY, type MakeCall } from './webhook-ways.ts';

/** At one time, of one cluster. */
export const MAX_BRIDGES = 8;

/** URLs that one of them stands for, and characters of all of those: they are kept with its socket, where there is not much room. */
export const MAX_BRIDGED_URLS = 16;
export const MAX_BRIDGED_CHARACTERS = 1500;

/** The tag of their sockets. */
export const BRIDGE_TAG = 'webhook-bridge';

interface Attachment {
  /** The URLs that it stands for, each with what lies below it. */
  bridge: { to: string[] };
}

interface Waiting {
  socket: HubSocket;
  call: WebhookCall;
  held: Holding;
  parts: string[];
  characters: number;
  finish(answer: WebhookAnswer): void;
}

const bridgeOf = (socket: HubSocket): Attachment['bridge'] | undefined =>
  (socket.deserializeAttachment() as Partial<Attachment> | null)?.bridge;

export class WebhookBridges {
  readonly #sockets: () => HubSocket[];
  readonly #waiting = new Map<string, Waiting>();
  /** Answers to what was asked before the object was last in memory are nobody's. */
  readonly #life = crypto.randomUUID();
  #calls = 0;

  /** `sockets`: those that are open, in the order in which they were opened. */
  constructor(sockets: () => HubSocket[]) {
    this.#sockets = sockets;
  }

  get size(): number {
    return this.#sockets().length;
  }

  /** A socket that the object has just accepted. */
  accept(socket: HubSocket, to: string[]): void {
    socket.serializeAttachment({ bridge: { to } } satisfies Attachment);
  }

  /** The way to a URL that a bridge stands for; of several the last that was opened. */
  to(url: string): MakeCall | undefined {
    const socket = this.#sockets().findLast((open) => isAllowedWebhook(bridgeOf(open)?.to ?? [], url));
    return socket && ((call, held) => this.#call(socket, call, held));
  }

  #call(socket: HubSocket, call: WebhookCall, held: Holding): Promise<WebhookAnswer> {
    const id = `${this.#life}.${++this.#calls}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish({ error: DEADLINE_EXCEEDED }), call.timeoutSeconds * 1000);
      const finish = (answer: WebhookAnswer): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      };
      this.#waiting.set(id, { socket, call, held, parts: [], characters: 0, finish });
      try {
        for (const part of partsOf({ id, value: call })) socket.send(part);
      } catch {
        finish(LOST_ANSWER);
      }
    });
  }

  /** What a bridge says; false if the socket is none. */
  message(socket: HubSocket, text: string): boolean {
    if (!bridgeOf(socket)) return false;
    const part = readPart(text);
    const waiting = part && this.#waiting.get(part.id);
    if (!waiting || waiting.socket !== socket) return true;
    waiting.characters += part.text.length;
    waiting.parts.push(part.text);
    // Parts without an end would be kept without one.
    if (part.text === '' && !part.isLast) waiting.finish(LOST_ANSWER);
    else if (waiting.characters > waiting.call.maxAnswerBytes) waiting.finish(tooLongAnswer(waiting.call));
    // Nothing keeps a WebSocket from bringing more: nobody waits for room.
    else if (!waiting.held.takeHeavy(part.text.length)) waiting.finish(BUSY);
    else if (part.isLast) waiting.finish(answerOf(waiting.parts.join('')));
    return true;
  }

  closed(socket: HubSocket): void {
    if (!bridgeOf(socket)) return;
    // Whoever has closed it waits for the same from here.
    socket.close(1000, 'closed');
    for (const waiting of [...this.#waiting.values()]) if (waiting.socket === socket) waiting.finish(LOST_ANSWER);
  }
}

/** A bridge is its owner's, and may say anything. */
function answerOf(text: string): WebhookAnswer {
  let value: Message['value'];
  try {
    value = JSON.parse(text);
  } catch {
    return LOST_ANSWER;
  }
  const { status, contentType, body, retryAfter, error, unread, busy } = (value ?? {}) as Record<string, unknown>;
  if (typeof error === 'string') return { error };
  if (typeof unread === 'string') return { unread };
  if (busy !== undefined) return BUSY;
  if (typeof status !== 'number' || typeof body !== 'string') return LOST_ANSWER;
  return {
    status,
    contentType: typeof contentType === 'string' ? contentType : '',
    body,
    ...(typeof retryAfter === 'string' ? { retryAfter } : {}),
  };
}
