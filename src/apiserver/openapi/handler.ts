/** The paths under /openapi. Source: k8s.io/kube-openapi/pkg/handler and handler3. */

import { swagger } from './v2.ts';
import { swaggerProtobuf } from './v2-protobuf.ts';
import { document, documentHash, documentNames, index } from './v3.ts';

/** Asked for as `…spec.v2@v1.0+protobuf`; `@` is not allowed in a media type, so the answer has a dot there. */
const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** How long a document with its hash in the address may be kept. */
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Made on the first request, and the same for every cluster. */
const made = new Map<string, string | Uint8Array>();

function once<T extends string | Uint8Array>(name: string, make: () => T): T {
  let body = made.get(name) as T | undefined;
  if (body === undefined) {
    body = make();
    made.set(name, body);
  }
  return body;
}

/** Undefined for a path that is none of OpenAPI's. `version` is the server's, `v1.37.2`. */
export function openapi(request: Request, url: URL, version: string): Response | undefined {
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/openapi/v2') return serveSwagger(request, version);
  if (path === '/openapi/v3')
    return answer(
      request,
      once('v3', () => JSON.stringify(index())),
      documentHash(''),
    );
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const name = path.slice('/openapi/v3/'.length);
  const hash = documentHash(name);
  const asked = url.searchParams.get('hash');
  if (!documentNames().includes(name)) return undefined;
  const body = once(name, () => JSON.stringify(document(name, version)));
  if (asked !== null && asked !== hash) {
    return new Response(null, { status: 301, headers: { location: `/openapi/v3/${name}?hash=${hash}` } });
  }
  return answer(request, body, hash, asked !== null);
}

function serveSwagger(request: Request, version: string): Response {
  const json = () => once('v2', () => JSON.stringify(swagger(version)));
  if (!(request.headers.get('accept') ?? '').includes('spec.v2')) return answer(request, json(), documentHash('v2'));
  const body = once('v2 protobuf', () => swaggerProtobuf(swagger(version)));
  return answer(request, body, documentHash('v2 protobuf'), false, SWAGGER_PROTOBUF);
}

function answer(
  request: Request,
  body: string | Uint8Array,
  hash: string,
  lasting = false,
  type = 'application/json',
): Response {
  const headers: Record<string, string> = { etag: `"${hash}"`, vary: 'Accept' };
  if (lasting) headers['cache-control'] = `public, immutable, max-age=${YEAR_SECONDS}`;
  if (request.headers.get('if-none-match') === `"${hash}"`) return new Response(null, { status: 304, headers });
  headers['content-type'] = type;
  return new Response(request.method === 'HEAD' ? null : (body as BodyInit), { headers });
}
