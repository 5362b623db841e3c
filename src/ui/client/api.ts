/** The cluster over its own API: requests by fetch, watches over WebSocket, from nowhere but this origin. */
import { applyEvent, type Objects, type Sandbox, type WatchEvent } from './model.ts';

const BEARER = 'base64url.bearer.authorization.k8s.io.';
/** What messages are: text. The server answers with it, as a browser insists that one be answered with. */
const PROTOCOL = 'text.k8s.io';
const RETRY_MILLISECONDS = [250, 500, 1000, 2000, 5000];

const base64url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export class ApiError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function createSandbox(nodes: number): Promise<Sandbox> {
  const answer = await fetch('/v1/clusters', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nodes }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new ApiError(answer.status, body.detail ?? 'The cluster could not be made.');
  return { id: body.id, token: body.token };
}

export async function request(sandbox: Sandbox, method: string, path: string, body?: unknown, type?: string) {
  const answer = await fetch(`/clusters/${sandbox.id}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${sandbox.token}`,
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const result = text.startsWith('{') ? JSON.parse(text) : { message: text };
  if (!answer.ok) throw new ApiError(answer.status, result.message ?? `the answer was ${answer.status}`);
  return result;
}

export interface Watching {
  objects: Objects;
  changed(): void;
  /** Whether the stream is open. */
  connected(open: boolean): void;
}

/** Keeps `objects` as the cluster has them, for as long as the page is open. */
export function watch(sandbox: Sandbox, path: string, watching: Watching): void {
  let from: string | undefined;
  let failures = 0;

  const open = (): void => {
    const url = new URL(`/clusters/${sandbox.id}${path}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('watch', 'true');
    url.searchParams.set('allowWatchBookmarks', 'true');
    if (from !== undefined) url.searchParams.set('resourceVersion', from);
    else watching.objects.clear();
    const socket = new WebSocket(url, [`${BEARER}${base64url(sandbox.token)}`, PROTOCOL]);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => watching.connected(true);
    socket.onmessage = ({ data }) => {
      failures = 0;
      const event: WatchEvent = JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data));
      // A watch that fell too far behind starts over.
      from = event.type === 'ERROR' ? undefined : (applyEvent(watching.objects, event) ?? from);
      watching.changed();
    };
    socket.onclose = () => {
      watching.connected(false);
      setTimeout(open, RETRY_MILLISECONDS[Math.min(failures++, RETRY_MILLISECONDS.length - 1)]);
    };
  };
  open();
}
