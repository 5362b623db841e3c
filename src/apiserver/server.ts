/** The API server: from a request to an answer, through one pipeline for every kind. */

import { StatusError } from '../objects/status.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import { type BehaviourOf, behaviours } from '../resources/core/pod/behaviour.ts';
import type { Flow } from '../resources/flowcontrol/classification.ts';
import { type Behaviour, DEFAULT_BEHAVIOURS } from '../simulation/behaviours.ts';
import type { ClientRequest } from '../simulation/cause.ts';
import { remoteAnswer, remoteGroups, servesMetrics } from './aggregation.ts';
import { deprecationWarnings } from './answer/deprecation.ts';
import { respondError } from './answer/encode.ts';
import { tellFlow } from './answer/flow-control.ts';
import { type Accepted, errorForm, matchRoute, negotiate } from './answer/negotiation.ts';
import type { KeepAudit } from './audit/audit-event.ts';
import { audited, type Told } from './audit/audited.ts';
import { isCustom } from './custom/decode.ts';
import { discovery } from './discovery.ts';
import { PLATFORM_TIMERS } from './exchange.ts';
import type { Identity } from './identity/authentication.ts';
import { review } from './identity/review-request.ts';
import { isReview } from './identity/reviews.ts';
import type { TokenAuthority } from './identity/token-authority.ts';
import { health } from './non-resource/health.ts';
import { issuerDiscovery } from './non-resource/issuer-discovery.ts';
import { metrics } from './non-resource/metrics.ts';
import { rootPaths } from './non-resource/root-paths.ts';
import { VERSION } from './non-resource/version.ts';
import { bringsLongBody, isOfOtherCatalog, onOneCatalog } from './one-catalog.ts';
import { openapi } from './openapi/handler.ts';
import { withMetrics } from './openapi/metrics-kinds.ts';
import { type ProseSource, WITHOUT_PROSE } from './openapi/prose.ts';
import type { Exchange, Timers } from './pipeline.ts';
import { componentStatuses } from './read/component-status.ts';
import { get } from './read/get.ts';
import { list } from './read/list.ts';
import { methodNotAllowed, type ResourceRequest, route } from './route.ts';
import type { ClusterConfig, Storage } from './storage/storage.ts';
import { UnreadableError, unreadableStatus } from './storage/unreadable.ts';
import type { Pods } from './streams/pods.ts';
import { bind } from './subresources/binding.ts';
import { subresource } from './subresources/subresources.ts';
import { watch } from './watch/http.ts';
import { ConvertingStorage } from './webhooks/converting-storage.ts';
import { create } from './write/create.ts';
import { remove, removeCollection } from './write/delete.ts';
import { patch } from './write/patch.ts';
import { update } from './write/update.ts';

export interface ApiServerOptions {
  storage: Storage;
  config: ClusterConfig;
  /** Who signs and knows tokens; without one there are no service account tokens. */
  tokens?: TokenAuthority;
  /** The cluster's own address, https and without a slash at its end, as clients reach it. */
  address?: string;
  /** The cluster's time, milliseconds: ages in the tables of a watch go by it. */
  now?: () => number;
  /** How webhooks are called; none can be reached unless said. */
  callWebhook?: CallWebhook;
  /** By which flow schemas requests are counted; clients are told of none without. */
  flows?: readonly Flow[];
  /** How its containers behave; as by default unless said. */
  behaviours?: Behaviour[];
  /** How pods' machines are reached; none runs unless said. */
  pods?: Pods;
  /** Keeps what an audit log is told of each request; there is none unless said. */
  audit?: KeepAudit;
  /** How to wait; the platform's timers unless said. */
  timers?: Timers;
  /** What the OpenAPI documents say of types and fields; they have no descriptions without it. */
  prose?: ProseSource;
}

export interface ApiServer {
  /** `url` has the path as the API has it, without what names the cluster; the request's own unless said. Never throws. */
  handle(request: Request, identity: Identity, url?: URL): Promise<Response>;
  /** The stages before an answer, for transports of their own, such as WebSocket watches. Throws `StatusError`. */
  exchange(request: Request, identity: Identity, url?: URL): Promise<Exchange | undefined>;
}

/** A request from one who may ask it; `url` has the path as the API has it. */
interface Incoming {
  request: Request;
  identity: Identity;
  url: URL;
  /** What the audit log is told of it. */
  told?: Told;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const behaviourOf = behaviours(options.behaviours ?? DEFAULT_BEHAVIOURS);
  const open = ({ request, identity, url, told }: Incoming, storage: Storage): Exchange | undefined => {
    const query = url.searchParams;
    const found = route(storage.catalog, request.method, url.pathname, query);
    if (!('resource' in found)) return undefined;
    const { kind } = found.resource;
    matchRoute(request);
    const isList = ['list', 'watch', 'deletecollection'].includes(found.resource.verb);
    return {
      ...found.resource,
      request,
      query,
      identity,
      storage:
        isCustom(kind) && kind.custom.converter ? new ConvertingStorage(storage, kind, options.callWebhook) : storage,
      config: options.config,
      timers: options.timers ?? PLATFORM_TIMERS,
      now: options.now,
      callWebhook: options.callWebhook,
      pods: options.pods,
      ...(options.tokens ? { tokens: options.tokens } : {}),
      accepted: negotiate(request, query, found.resource.verb === 'watch' ? 'watch' : isList ? 'list' : 'object', {
        tables: hasTables(found.resource),
        protobuf: hasProtobuf(found.resource),
      }),
      manager: 'unknown',
      dryRun: false,
      warnings: deprecationWarnings(found.resource.kind),
      ...(told ? told : {}),
    };
  };
  const answer = async (incoming: Incoming, storage: Storage): Promise<Response> => {
    const { request, url } = incoming;
    let exchange: Exchange | undefined;
    try {
      exchange = open(incoming, storage);
      if (!exchange) return await plain(request, url, { ...options, storage, behaviourOf });
      if (bringsLongBody(request)) await storage.read([]);
      return await serve(exchange);
    } catch (error) {
      if (isOfOtherCatalog(error)) throw error;
      // What there is no such kind for, there may be one by now.
      if (!exchange) await storage.read([]);
      if (exchange) return refusal(incoming, told(error, exchange.verb), exchange);
      const remote = await remoteAnswer(request, url, { storage, behaviourOf }).catch((refused: unknown) =>
        refused instanceof StatusError ? refusal(incoming, refused) : undefined,
      );
      return remote ?? refusal(incoming, error);
    }
  };
  return {
    exchange: (request, identity, url = new URL(request.url)) =>
      onOneCatalog(options.storage, clientRequest(request, identity, url), async (storage) => {
        await storage.read([]);
        return open({ request, identity, url }, storage);
      }),
    async handle(request, identity, url = new URL(request.url)) {
      const { audit, storage, now = Date.now, flows } = options;
      const served = async (told?: Told): Promise<Response> => {
        const incoming = { request, identity, url, ...(told ? { told } : {}) };
        const asked = clientRequest(request, identity, url);
        const response = await onOneCatalog(storage, asked, (one) => answer(incoming, one)).catch((error: unknown) =>
          refusal(incoming, error),
        );
        if (flows) tellFlow(response, flows, identity, request, url);
        return response;
      };
      if (!audit) return served();
      return audited({ request, identity, url }, served, { keep: audit, catalog: () => storage.catalog, now });
    },
  };
}

/** What is kept of it with what it writes. */
const clientRequest = (request: Request, { user }: Identity, { pathname, search }: URL): ClientRequest => ({
  method: request.method,
  path: pathname + search,
  user,
  userAgent: request.headers.get('user-agent') ?? '',
});

function refusal({ request, url }: Incoming, error: unknown, exchange?: Exchange): Response {
  const accepted: Accepted = exchange?.accepted ?? errorForm(request, url.searchParams);
  const response = respondError(error, accepted, exchange?.warnings);
  return request.method === 'HEAD' ? new Response(null, response) : response;
}

const told = (error: unknown, verb: string | undefined): unknown =>
  error instanceof UnreadableError ? unreadableStatus(error, verb === 'update' || verb === 'patch') : error;

const WITHOUT_TABLES = new Set(['binding', 'eviction', 'token']);

/** What is answered once and is nowhere to be read has no columns: reviews, bindings, evictions, tokens. */
const hasTables = ({ kind, subresource }: ResourceRequest): boolean =>
  subresource === undefined ? kind.verbs.some((verb) => verb !== 'create') : !WITHOUT_TABLES.has(subresource);

/** What users have defined has none, but for what stands for it. */
const hasProtobuf = ({ kind, subresource }: ResourceRequest): boolean => !kind.custom || subresource === 'scale';

function serve(exchange: Exchange): Promise<Response> {
  if (exchange.subresource && exchange.subresource !== 'status') return subresource(exchange);
  if (exchange.kind.name === 'componentstatuses') return componentStatuses(exchange);
  switch (exchange.verb) {
    case 'get':
      return get(exchange);
    case 'list':
      return list(exchange);
    case 'watch':
      return watch(exchange);
    case 'create':
      if (exchange.kind.name === 'bindings') return bind(exchange);
      return isReview(exchange.kind) ? review(exchange) : create(exchange);
    case 'update':
      return update(exchange);
    case 'patch':
      return patch(exchange);
    case 'delete':
      return remove(exchange);
    case 'deletecollection':
      return removeCollection(exchange);
    case '':
      throw methodNotAllowed();
    default:
      return exchange.verb satisfies never;
  }
}

/** What is not a resource. */
async function plain(
  request: Request,
  url: URL,
  options: ApiServerOptions & { behaviourOf: BehaviourOf },
): Promise<Response> {
  const { storage, behaviourOf, tokens, address = '', prose = async () => WITHOUT_PROSE } = options;
  const remote = /^\/apis(\/[^/]*)?\/?$/.test(url.pathname) ? await remoteGroups(storage) : [];
  // Whoever is told what there is, is told of all that there is by now.
  if (/^\/apis?(\/|$)/.test(url.pathname)) await storage.read([]);
  const isDocument = /^\/openapi(\/|$)/.test(url.pathname);
  const hasMetrics = isDocument && (await servesMetrics(storage));
  const documented = hasMetrics ? withMetrics(storage.catalog) : storage.catalog;
  const answer =
    (tokens && (await issuerDiscovery(request.method, url.pathname, tokens, address))) ??
    discovery(request, url, { catalog: storage.catalog, remote }) ??
    health(request, url) ??
    (await openapi(request, url, { catalog: documented, version: VERSION.gitVersion, prose })) ??
    (await metrics(request, url, storage)) ??
    (await rootPaths(request, url, storage)) ??
    (await remoteAnswer(request, url, { storage, behaviourOf }));
  if (answer) return answer;
  return new Response('404 page not found\n', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
}
