/** Requests that are made for a test: what is refused for now is asked again, and what is refused for good is an error. */

/** An answer that is no success. `body` is what it says: Kubernetes' Status, or a problem document of the platform. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: any;

  constructor(status: number, body: any, request: string) {
    super(`${request} answered ${status}: ${body?.message ?? body?.detail ?? body?.title ?? body}`);
    this.status = status;
    this.body = body;
  }
}

/** So often a request is sent that a server is too busy for; it says itself how long to wait. */
const MAX_TRIES = 20;
const TOO_MANY_REQUESTS = 429;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends until it is taken. `send` makes the request anew each time. */
export async function sendUntilTaken(send: () => Promise<Response>): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await send();
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    if (response.status !== TOO_MANY_REQUESTS || tries === MAX_TRIES || !(seconds >= 0)) return response;
    await response.arrayBuffer();
    await pause(seconds * 1000);
  }
}

/** The answer's JSON, or its text if it is something else; undefined for none. @throws ApiError */
export async function contentOf(response: Response, request: string): Promise<any> {
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const content = text === '' ? undefined : isJson ? JSON.parse(text) : text;
  if (!response.ok) throw new ApiError(response.status, content, request);
  return content;
}

/** How a body goes out: text as it is, anything else as JSON. A PATCH is a merge patch unless it is said to be another. */
export function bodyOf(method: string, body: unknown, contentType?: string): RequestInit {
  if (body === undefined) return { method };
  const type = contentType ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
  return { method, headers: { 'content-type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
