/** The paths under /openapi. Source: k8s.io/kube-openapi/pkg/handler and handler3. */

import type { Catalog } from '../../catalog/catalog.ts';
import { swagger } from './v2.ts';
import { swaggerProtobuf } from './v2-protobuf.ts';
import { catalogOf, document, documentHash, documentNames, index } from './v3.ts';

/** Asked for as `…spec.v2@v1.0+protobuf`; `@` is not allowed in a media type, so the answer has a dot there. */
const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** How long a document with its hash in the address may be kept. */
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Made on the first request, and the same for every cluster with these kinds. */
const made = new WeakMap<Catalog, Map<string, Uint8Array>>();

function once(catalog: Catalog, name: string, make: () => string | Uint8Array): Uint8Array {
  let bodies = made.get(catalog);
  if (!bodies) {
    bodies = new Map();
    made.set(catalog, bodies);
  }
  let body = bodies.get(name);
  if (body === undefined) {
    const document = make();
    body = typeof document === 'string' ? new TextEncoder().encode(document) : document;
    bodies.set(name, body);
  }
  return body;
}

/** Bytes of a document that are handed on at a time: whoever does not read it holds so much of it, and not a copy of the whole. */
const PIECE_BYTES = 64 * 1024;

function inPieces(document: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(document.slice(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
        if (at >= document.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** What is documented; `version` is the server's, `v1.37.2`. */
interface Documented {
  catalog: Catalog;
  version: string;
}

/** Undefined for a path that is none of OpenAPI's. */
export function openapi(request: Request, url: URL, documented: Documented): Response | undefined {
  const { catalog, version } = documented;
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/openapi/v2') return serveSwagger(request, documented);
  if (path === '/openapi/v3')
    return answer(
      request,
      once(catalog, 'v3', () => JSON.stringify(index(catalog))),
      documentHash(catalog, ''),
    );
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const name = path.slice('/openapi/v3/'.length);
  const told = catalogOf(catalog, name);
  const hash = documentHash(told, name);
  const asked = url.searchParams.get('hash');
  if (!documentNames(told).includes(name)) return undefined;
  const body = once(told, name, () => JSON.stringify(document(told, name, version)));
  if (asked !== null && asked !== hash) {
    return new Response(null, { status: 301, headers: { location: `/openapi/v3/${name}?hash=${hash}` } });
  }
  return answer(request, body, hash, asked !== null);
}

function serveSwagger(request: Request, { catalog, version }: Documented): Response {
  const json = () => once(catalog, 'v2', () => JSON.stringify(swagger(catalog, version)));
  if (!(request.headers.get('accept') ?? '').includes('spec.v2'))
    return answer(request, json(), documentHash(catalog, 'v2'));
  const body = once(catalog, 'v2 protobuf', () => swaggerProtobuf(swagger(catalog, version)));
  return answer(request, body, documentHash(catalog, 'v2 protobuf'), false, SWAGGER_PROTOBUF);
}

function answer(
  request: Request,
  body: Uint8Array,
  hash: string,
  lasting = false,
  type = 'application/json',
): Response {
  const headers: Record<string, string> = { etag: `"${hash}"`, vary: 'Accept' };
  if (lasting) headers['cache-control'] = `public, immutable, max-age=${YEAR_SECONDS}`;
  if (request.headers.get('if-none-match') === `"${hash}"`) return new Response(null, { status: 304, headers });
  headers['content-type'] = type;
  return new Response(request.method === 'HEAD' ? null : inPieces(body), { headers });
}
