/** A cluster's JSON gateway, as the bridge calls it. */
import type { Message } from './definitions.ts';

const UNKNOWN = 2;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
/** What an answer means that does not come from the gateway, by its HTTP status. */
const BY_STATUS: Record<number, number> = { 401: UNAUTHENTICATED, 403: 7, 404: 5, 429: 8 };

/** What the gateway refused, or what kept it from being asked: gRPC's code and a message. */
export class GatewayError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const unavailable = (message: string): GatewayError => new GatewayError(UNAVAILABLE, message);

/** The error as gRPC's server takes it. */
export function asStatus(error: unknown): { code: number; details: string } {
  const { code, message } = error as Partial<GatewayError>;
  return { code: typeof code === 'number' ? code : INTERNAL, details: message ?? String(error) };
}

export class Gateway {
  /** Where the gateway is: the cluster's address and `/etcd`. */
  readonly root: string;
  readonly #token: string;

  /** `cluster` is the cluster's address, `http://…/clusters/ID`. */
  constructor(cluster: string, token: string) {
    this.root = `${cluster.replace(/\/etcd$/, '')}/etcd`;
    this.#token = token;
  }

  /** The cluster's own token stands in a header of its own, since etcd's users have tokens too. */
  headers(userToken: string | undefined): Record<string, string> {
    const headers: Record<string, string> = { 'x-cluster-token': this.#token };
    if (userToken) headers.authorization = userToken;
    return headers;
  }

  async call(path: string, message: Message, userToken?: string): Promise<Message> {
    const response = await this.#post(path, message, userToken);
    if (!response.ok) throw await errorOf(response);
    return (await response.json()) as Message;
  }

  /** A stream of messages both ways. Node's WebSocket takes headers, though browsers' doesn't. */
  open(path: string, userToken?: string): WebSocket {
    const options = { headers: this.headers(userToken) } as unknown as string[];
    return new WebSocket(`${this.root.replace(/^http/, 'ws')}${path}`, options);
  }

  /** A call that may wait for as long as its answer takes, which plain HTTP clients give up on; `signal` ends the wait. */
  callWaiting(path: string, message: Message, userToken: string | undefined, signal: AbortSignal): Promise<Message> {
    return new Promise((resolve, reject) => {
      const socket = this.open(path, userToken);
      let opened = false;
      socket.addEventListener('open', () => {
        opened = true;
        socket.send(JSON.stringify(message));
      });
      socket.addEventListener('message', ({ data }) => {
        const { result, error } = JSON.parse(String(data)) as Message;
        if (error) reject(new GatewayError(error.code, error.message));
        else resolve(result);
      });
      socket.addEventListener('close', () => {
        if (opened) reject(unavailable('the cluster ended the stream'));
        else this.whyNot(path, userToken).then(reject);
      });
      // What went wrong is told when the socket closes, which it does next.
      socket.addEventListener('error', () => {});
      signal.addEventListener('abort', () => socket.close());
    });
  }

  /** A stream of answers, read no faster than they are taken. */
  async *download(
    path: string,
    message: Message,
    userToken: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Message> {
    const response = await this.#post(path, message, userToken, signal);
    if (!response.ok) throw await errorOf(response);
    let rest = '';
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { result, error } = JSON.parse(line) as Message;
        if (error) throw new GatewayError(error.code, error.message);
        yield result;
      }
    }
  }

  /** Why a stream could not be opened: a WebSocket doesn't tell. */
  async whyNot(path: string, userToken?: string): Promise<GatewayError> {
    try {
      const response = await this.#post(path, {}, userToken);
      if (!response.ok) return await errorOf(response);
      await response.body?.cancel();
      return unavailable('the stream to the cluster could not be opened');
    } catch (error) {
      return error as GatewayError;
    }
  }

  async #post(path: string, message: Message, userToken: string | undefined, signal?: AbortSignal): Promise<Response> {
    const headers = { ...this.headers(userToken), 'content-type': 'application/json' };
    try {
      return await fetch(`${this.root}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(message),
        ...(signal && { signal }),
      });
    } catch (error) {
      const { cause, message: text } = error as Error;
      throw unavailable(`the cluster can't be reached: ${(cause as Error | undefined)?.message ?? text}`);
    }
  }
}

/** The gateway's errors have gRPC's codes; what stands before the gateway answers otherwise. */
async function errorOf(response: Response): Promise<GatewayError> {
  const text = await response.text();
  const fallback = BY_STATUS[response.status] ?? (response.status >= 500 ? UNAVAILABLE : UNKNOWN);
  try {
    const { code, message, detail } = JSON.parse(text) as Record<string, unknown>;
    if (typeof code === 'number' && code > 0 && code <= UNAUTHENTICATED) return new GatewayError(code, String(message));
    return new GatewayError(fallback, `the cluster answers ${response.status}: ${message ?? detail ?? text}`);
  } catch {
    return new GatewayError(fallback, `the cluster answers ${response.status}: ${text}`);
  }
}
