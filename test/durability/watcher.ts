/** Watchers that lose their server and go on from what they saw last. */
import { base64, gatewayUrl, type Target, textOf } from './gateway-client.ts';

export interface Seen {
  revision: number;
  key: string;
  /** Undefined: deleted. */
  value: string | undefined;
}

export interface Watcher {
  readonly seen: Seen[];
  /** Times that it had to connect again. */
  readonly reconnects: number;
  /** Fulfilled when it has seen this revision. */
  reached(revision: number): Promise<void>;
  stop(): void;
}

const RETRY_MS = 20;

const EVERYTHING = base64('\0');
const createRequest = (start: number): string =>
  JSON.stringify({ create_request: { key: EVERYTHING, range_end: EVERYTHING, start_revision: String(start) } });

/** One connection: ends, whatever the cause, by settling; `take` gets every line. */
type Connect = (request: string, take: (line: string) => void, signal: AbortSignal) => Promise<void>;

const overWebSocket =
  (target: Target): Connect =>
  (request, take, signal) =>
    new Promise((fulfil) => {
      const url = gatewayUrl(target, 'watch').replace('http', 'ws');
      // Node's own WebSocket takes headers beside the protocols.
      const options = { headers: { authorization: `Bearer ${target.cluster.token}` } };
      const socket = new WebSocket(url, options as unknown as string[]);
      socket.onopen = () => socket.send(request);
      socket.onmessage = ({ data }) => take(data as string);
      socket.onclose = () => fulfil();
      socket.onerror = () => fulfil();
      signal.addEventListener('abort', () => socket.close());
    });

const overHttp =
  (target: Target): Connect =>
  async (body, take, signal) => {
    const headers = { authorization: `Bearer ${target.cluster.token}` };
    const response = await fetch(gatewayUrl(target, 'watch'), { method: 'POST', headers, body, signal });
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) take(line);
    }
  };

/** Watches all keys from a revision on. */
export function watchGateway(target: Target, from: number, over: 'WebSocket' | 'HTTP'): Watcher {
  const connect = over === 'WebSocket' ? overWebSocket(target) : overHttp(target);
  const abort = new AbortController();
  const seen: Seen[] = [];
  let reconnects = 0;
  let next = from;
  let told = (): void => {};
  let failure: Error | undefined;

  const take = (line: string): void => {
    const { result, error } = JSON.parse(line);
    if (error || result.canceled) failure = new Error(line);
    for (const { type, kv } of result?.events ?? []) {
      const revision = Number(kv.mod_revision);
      const value = type === 'DELETE' ? undefined : textOf(kv.value ?? '');
      seen.push({ revision, key: textOf(kv.key), value });
      next = Math.max(next, revision + 1);
    }
    told();
  };
  const run = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      await connect(createRequest(next), take, abort.signal).catch(() => {});
      reconnects++;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  void run();

  return {
    seen,
    get reconnects() {
      return reconnects;
    },
    async reached(revision) {
      while (next <= revision) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
    stop: () => abort.abort(),
  };
}
