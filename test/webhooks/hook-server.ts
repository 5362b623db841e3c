/** A small https server of a test's own, with a certificate that its own authority has signed. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { issueCertificate } from '../../scripts/local/certificates.ts';
import { type Authority, createAuthority } from '../../src/resources/certificates/x509/authority.ts';

export interface HookAnswer {
  status?: number;
  contentType?: string;
  /** JSON unless it is text. */
  body: unknown;
}

/** `undefined`: it never answers. */
export type Hook = (body: any, path: string) => HookAnswer | undefined | Promise<HookAnswer | undefined>;

export interface HookServer {
  /** `https://127.0.0.1:PORT`. */
  url: string;
  port: number;
  /** PEM of the authority in base64, as configurations have it. */
  caBundle: string;
  /** What it was asked, in order. */
  readonly asked: { path: string; query: string; body: any; headers: Record<string, unknown> }[];
  /** What it answers from now on. */
  answer(hook: Hook): void;
  close(): Promise<void>;
}

const TERM = { now: Date.now() - 3600_000, years: 1 };

export const newAuthority = (): Promise<Authority> => createAuthority({ commonName: 'test', ...TERM });

export async function startHookServer(
  hook: Hook,
  { hosts = ['127.0.0.1', 'localhost'], term = TERM }: { hosts?: string[]; term?: { now: number; years: number } } = {},
): Promise<HookServer> {
  const authority = await newAuthority();
  const { certificate, privateKey } = await issueCertificate(authority, { commonName: 'hook', hosts, ...term });
  const asked: HookServer['asked'] = [];
  let current = hook;
  const server: Server = createServer({ cert: certificate, key: privateKey }, async (request, response) => {
    const [path = '', query = ''] = request.url!.split('?');
    const body = JSON.parse((await text(request)) || 'null');
    asked.push({ path, query, body, headers: request.headers });
    const answer = await current(body, path);
    if (!answer) return;
    response.statusCode = answer.status ?? 200;
    response.setHeader('content-type', answer.contentType ?? 'application/json');
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((fulfil) => void server.listen(0, '127.0.0.1', fulfil));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    asked,
    answer(next) {
      current = next;
    },
    close: () =>
      new Promise((fulfil) => {
        server.close(() => fulfil());
        server.closeAllConnections();
      }),
  };
}

/** A review that allows what it was asked about. */
export const allowed = (review: any, more: object = {}): HookAnswer => ({
  body: {
    apiVersion: review.apiVersion,
    kind: review.kind,
    response: { uid: review.request.uid, allowed: true, ...more },
  },
});
