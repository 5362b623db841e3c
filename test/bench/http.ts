/** A small keep-alive client over node:http: fetch's own overhead would be part of every figure. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface Reply {
  status: number;
  body: string;
}

export class Client {
  readonly #agent: Agent;
  readonly #base: URL;
  readonly #token: string;

  constructor(base: string, token: string, connections = 1) {
    this.#base = new URL(base);
    this.#token = token;
    const options = { keepAlive: true, maxSockets: connections };
    // Whose certificate it is does not matter to what is measured.
    this.#agent = this.#isSecure ? new SecureAgent({ ...options, rejectUnauthorized: false }) : new Agent(options);
  }

  get #isSecure(): boolean {
    return this.#base.protocol === 'https:';
  }

  #open(method: string, path: string, contentType: string, onReply: (reply: IncomingMessage) => void, body?: string) {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (this.#token) headers.authorization = `Bearer ${this.#token}`;
    if (body !== undefined) {
      headers['content-type'] = contentType;
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    const send = this.#isSecure ? secureRequest : request;
    return send(
      {
        host: this.#base.hostname,
        port: this.#base.port,
        path: this.#base.pathname.replace(/\/$/, '') + path,
        method,
        headers,
        agent: this.#agent,
      },
      onReply,
    );
  }

  send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = this.#open(
        method,
        path,
        contentType,
        (reply) => {
          let received = '';
          reply.setEncoding('utf8');
          reply.on('data', (chunk) => {
            received += chunk;
          });
          reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: received }));
        },
        text,
      );
      sent.on('error', reject);
      sent.end(text);
    });
  }

  /** Follows a watch; `onEvent` gets each line parsed. Resolves, once the answer's head is there, with what ends it. */
  watch(path: string, onEvent: (event: any) => void): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const sent = this.#open('GET', path, '', (reply) => {
        let rest = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.trim()) onEvent(JSON.parse(line));
        });
        reply.on('error', () => {});
        resolve(() => sent.destroy());
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
