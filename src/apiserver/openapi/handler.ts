/** The paths under /openapi. Source: k8s.io/kube-openapi/pkg/handler and handler3. */

import type { Catalog } from '../../catalog/catalog.ts';
import { documentResponse, type KeptDocument, keepDocument } from './kept-document.ts';
import type { Prose, ProseSource } from './prose.ts';
import { SWAGGER_TEXT, swagger } from './v2.ts';
import { SWAGGER_BYTES } from './v2-protobuf.ts';
import { catalogOf, document, documentHash, documentNames, index } from './v3.ts';

/** Asked for as `…spec.v2@v1.0+protobuf`; `@` is not allowed in a media type, so the answer has a dot there. */
const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** How long a document with its hash in the address may be kept. */
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** What the documents of all groups are kept by, beside those of one. */
const V2 = 'v2';
const V2_PROTOBUF = 'v2 protobuf';

/** Made on the first request, and the same for every cluster with these kinds. */
const made = new WeakMap<Catalog, Map<string, KeptDocument>>();

async function once(
  catalog: Catalog,
  name: string,
  source: ProseSource,
  make: (prose: Prose) => Iterable<string | Uint8Array>,
): Promise<KeptDocument> {
  const documents = made.get(catalog) ?? new Map<string, KeptDocument>();
  made.set(catalog, documents);
  const known = documents.get(name);
  if (known) return known;
  const document = await keepDocument(make(await source()), name === V2 || name === V2_PROTOBUF ? 'all' : 'group');
  // Somebody else may have asked for it meanwhile.
  const first = documents.get(name) ?? document;
  documents.set(name, first);
  return first;
}

/** What is documented; `version` is the server's, `v1.37.2`. */
interface Documented {
  catalog: Catalog;
  version: string;
  prose: ProseSource;
}

/** Undefined for a path that is none of OpenAPI's. */
export async function openapi(request: Request, url: URL, documented: Documented): Promise<Response | undefined> {
  const { catalog, version, prose } = documented;
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/openapi/v2') return serveSwagger(request, documented);
  if (path === '/openapi/v3')
    return answer(
      request,
      { bytes: new TextEncoder().encode(JSON.stringify(index(catalog))), isPacked: false },
      documentHash(catalog, ''),
    );
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const name = path.slice('/openapi/v3/'.length);
  const told = catalogOf(catalog, name);
  const hash = documentHash(told, name);
  const asked = url.searchParams.get('hash');
  if (!documentNames(told).has(name)) return undefined;
  const body = await once(told, name, prose, (texts) => [JSON.stringify(document(told, name, version, texts))]);
  if (asked !== null && asked !== hash) {
    return new Response(null, { status: 301, headers: { location: `/openapi/v3/${name}?hash=${hash}` } });
  }
  return answer(request, body, hash, asked !== null);
}

async function serveSwagger(request: Request, { catalog, version, prose }: Documented): Promise<Response> {
  if (!(request.headers.get('accept') ?? '').includes('spec.v2')) {
    const body = await once(catalog, V2, prose, (texts) => swagger(catalog, version, texts, SWAGGER_TEXT));
    return answer(request, body, documentHash(catalog, V2));
  }
  const body = await once(catalog, V2_PROTOBUF, prose, (texts) => swagger(catalog, version, texts, SWAGGER_BYTES));
  return answer(request, body, documentHash(catalog, V2_PROTOBUF), false, SWAGGER_PROTOBUF);
}

function answer(
  request: Request,
  kept: KeptDocument,
  hash: string,
  lasting = false,
  type = 'application/json',
): Response {
  const headers: Record<string, string> = { etag: `"${hash}"`, vary: 'Accept' };
  if (lasting) headers['cache-control'] = `public, immutable, max-age=${YEAR_SECONDS}`;
  if (request.headers.get('if-none-match') === `"${hash}"`) return new Response(null, { status: 304, headers });
  headers['content-type'] = type;
  return documentResponse(request, kept, headers);
}
