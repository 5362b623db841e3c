/**
 * The bridge for webhooks: a WebSocket to the cluster, by which calls to webhooks come to this machine, and their answers go back. When it
 * breaks it is opened again; what was under way then has failed for whoever asked.
 */
import { webhookCaller } from '../../../scripts/local/webhook-caller.ts';
import { isAllowedWebhook, unreachable, type WebhookAnswer, type WebhookCall } from '../../objects/webhook-call.ts';
import { BRIDGE_PROTOCOL, PING, PONG, partsOf, readPart } from '../../objects/webhook-wire.ts';

/** How often it is looked whether the other side is still there, and how long a broken bridge rests, milliseconds. */
const PING_MS = 20_000;
const FIRST_PAUSE_MS = 500;
const PAUSE_UP_TO_MS = 30_000;

export interface BridgeOptions {
  /** The cluster's address, `http://…/clusters/ID`. */
  cluster: string;
  token: string;
  /** The URLs that the bridge stands for, each with what lies below it. */
  to: string[];
  /** Told of each call and what came of it, in a line. */
  told(line: string): void;
}

export interface WebhookBridge {
  stop(): void;
}

const UPGRADE_REQUIRED = 426;

/** Fulfilled when the bridge stands. @throws Error where the cluster does not take it */
export async function openWebhookBridge(options: BridgeOptions): Promise<WebhookBridge> {
  if (typeof WebSocket === 'undefined') throw new Error('bridge webhooks needs Node 22 or later');
  const { cluster, token, to } = options;
  const query = new URLSearchParams(to.map((url) => ['to', url]));
  const address = `${cluster}/bridge/webhooks?${query}`;
  const headers = { authorization: `Bearer ${token}` };
  // A WebSocket that is refused is not told why.
  const asked = await fetch(address, { headers });
  if (asked.status !== UPGRADE_REQUIRED) throw new Error(await refusalOf(asked));
  await asked.body?.cancel();
  const bridge = new Bridge(options, address.replace(/^http/, 'ws'), headers);
  await bridge.opened;
  return bridge;
}

async function refusalOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Told as it came.
  }
  return text || `the cluster answers with ${response.status}`;
}

class Bridge implements WebhookBridge {
  readonly opened: Promise<void>;
  readonly #options: BridgeOptions;
  readonly #address: string;
  readonly #headers: Record<string, string>;
  readonly #caller = webhookCaller('any');
  #socket: WebSocket | undefined;
  #pause = FIRST_PAUSE_MS;
  #timers: NodeJS.Timeout[] = [];
  #hasStood = false;
  #isStopped = false;

  constructor(options: BridgeOptions, address: string, headers: Record<string, string>) {
    this.#options = options;
    this.#address = address;
    this.#headers = headers;
    this.opened = new Promise((fulfil, reject) => this.#open(fulfil, reject));
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket?.close();
    this.#caller.close();
  }

  #open(stands: () => void, failed: (error: Error) => void): void {
    // Node's WebSocket takes headers, though browsers' doesn't.
    const how = { protocols: [BRIDGE_PROTOCOL], headers: this.#headers } as unknown as string[];
    const socket = new WebSocket(this.#address, how);
    this.#socket = socket;
    const parts = new Map<string, string[]>();
    let isThere = true;
    const ping = setInterval(() => {
      if (!isThere) return socket.close();
      isThere = false;
      if (socket.readyState === WebSocket.OPEN) socket.send(PING);
    }, PING_MS);
    socket.addEventListener('open', () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#hasStood = true;
      stands();
    });
    socket.addEventListener('message', ({ data }) => {
      isThere = true;
      if (typeof data === 'string' && data !== PONG) this.#take(socket, parts, data);
    });
    socket.addEventListener('error', () => failed(new Error('the bridge cannot be opened')));
    socket.addEventListener('close', () => {
      clearInterval(ping);
      if (!this.#hasStood) this.stop();
      if (this.#isStopped) return;
      this.#timers = [setTimeout(() => this.#open(stands, failed), this.#pause)];
      this.#pause = Math.min(2 * this.#pause, PAUSE_UP_TO_MS);
    });
  }

  #take(socket: WebSocket, parts: Map<string, string[]>, message: string): void {
    const part = readPart(message);
    if (!part) return;
    const { id, isLast, text } = part;
    const texts = parts.get(id) ?? [];
    parts.set(id, texts);
    texts.push(text);
    if (!isLast) return;
    parts.delete(id);
    void this.#call(JSON.parse(texts.join('')) as WebhookCall).then((value) => {
      if (socket.readyState === WebSocket.OPEN) for (const part of partsOf({ id, value })) socket.send(part);
    });
  }

  /** What it was not opened for is not called, whatever the cluster asks. */
  async #call(call: WebhookCall): Promise<WebhookAnswer> {
    const { to, told } = this.#options;
    const answer = isAllowedWebhook(to, call.url) ? await this.#caller.call(call) : { error: unreachable(call.url) };
    told(`${call.url}: ${wordsOf(answer)}`);
    return answer;
  }
}

function wordsOf(answer: WebhookAnswer): string | number {
  if ('status' in answer) return answer.status;
  return 'error' in answer ? answer.error : 'unread' in answer ? answer.unread : 'busy';
}
