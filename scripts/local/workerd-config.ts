/** What workerd is told: the Worker with its bindings from wrangler.toml, a D1 database, and two doors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyedCertificate } from '../../src/resources/certificates/x509/authority.ts';
import { PARTS } from './installation.ts';
import { PEERS_SOCKET, TLS_SOCKET } from './tls-door.ts';

/** The modules `worker.js` and `d1.worker.js` stand beside the configuration. */
export interface LocalConfig {
  /** Where to listen; IPv6 in brackets. */
  host: string;
  /** The host name of the server's URL on this machine. */
  localHost: string;
  port: number;
  httpsPort: number;
  /** Whether TLS ends before workerd, for the sake of clients' certificates; otherwise workerd ends it, and nobody is known by one. */
  tlsDoor: boolean;
  ca: string;
  server: KeyedCertificate;
  /** Folders for the Durable Objects and for D1; the same places as wrangler's. */
  objectsDir: string;
  databaseDir: string;
  /** MB of JavaScript's objects; more than any state here should reach unless said. */
  heapMB?: number | undefined;
  /** More bindings of the Worker, by name: `HOSTS`, `LIMITS`, `TRUST_FORWARDED_FOR`. */
  settings: Record<string, string>;
}

/**
 * The two processes reach each other by sockets in the state folder, which nobody else may enter. The paths are relative to it: those
 * of sockets may not be long.
 */
export const HEAVY_SOCKET = 'heavy.socket';
export const CLUSTERS_SOCKET = 'clusters.socket';
/** Of what calls webhooks for the server. */
export const WEBHOOKS_SOCKET = 'webhooks.socket';

/** Windows has no such sockets; there everything is served in the one process, and no webhooks are called but by a bridge. */
export const HAS_HEAVY_PROCESS = process.platform !== 'win32';

/**
 * MB of JavaScript's objects. V8 lets large texts pile up to several times of what is in use unless it is told how much it may have. The
 * process for heavy work has as much as a Worker has on Cloudflare's platform, the first one as much as no state here should reach.
 */
const HEAP_MB = 512;
const HEAVY_HEAP_MB = 128;

const TLS_DOORS = `    (name = "tls", address = "unix:${TLS_SOCKET}", http = (), service = (name = "diorama", entrypoint = "OverTls")),
    (name = "peers", address = "unix:${PEERS_SOCKET}", http = (), service = (name = "diorama", entrypoint = "OverTlsWithPeer")),
`;

const CLUSTERS_DOOR = `    (name = "clusters", address = "unix:${CLUSTERS_SOCKET}", http = (capnpConnectHost = "clusters"),
      service = (name = "diorama", entrypoint = "Clusters")),
`;

const BESIDE = `        (name = "HEAVY", service = "heavy"),
        (name = "WEBHOOKS", service = "webhooks"),
`;
const BESIDE_SERVICES = `    (name = "heavy", external = (address = "unix:${HEAVY_SOCKET}", http = ())),
    (name = "webhooks", external = (address = "unix:${WEBHOOKS_SOCKET}", http = ())),
`;

/** Text of Cap'n Proto quotes as JSON does, for what stands here. */
const quote = (text: string): string => JSON.stringify(text);

/** What wrangler.toml has under `[assets]`. */
const ASSETS_SERVICE = `    (name = "assets", disk = (path = ${quote(join(PARTS, 'assets'))})),
`;

/** The process for heavy work: the same Worker by another entrypoint, and a way to the clusters. */
export function heavyConfig(): string {
  const date = quote(setting(readFileSync(join(PARTS, 'wrangler.toml'), 'utf8'), 'compatibility_date'));
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ["--max-heap-size=${HEAVY_HEAP_MB}"],
  services = [
    (name = "diorama", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${date},
      bindings = [
        (name = "CLUSTERS", service = "clusters"),
        (name = "ASSETS", service = "assets"),
      ],
      globalOutbound = "nowhere")),
    (name = "clusters", external = (address = "unix:${CLUSTERS_SOCKET}", http = (capnpConnectHost = "clusters"))),
${ASSETS_SERVICE}    (name = "nowhere", network = (allow = [])),
  ],
  sockets = [
    (name = "heavy", address = "unix:${HEAVY_SOCKET}", http = (), service = (name = "diorama", entrypoint = "HeavyWork")),
  ],
);
`;
}

function setting(wrangler: string, key: string): string {
  const found = new RegExp(`^${key} = "([^"]*)"`, 'm').exec(wrangler);
  if (!found) throw new Error(`wrangler.toml has no ${key}`);
  return found[1]!;
}

const settings = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `        (name = ${quote(name)}, text = ${quote(value)}),\n`)
    .join('');

function migrations(): { name: string; sql: string }[] {
  const folder = join(PARTS, 'migrations');
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }));
}

export function workerdConfig(config: LocalConfig): string {
  const wrangler = readFileSync(join(PARTS, 'wrangler.toml'), 'utf8');
  const name = setting(wrangler, 'name');
  const className = setting(wrangler, 'class_name');
  const date = quote(setting(wrangler, 'compatibility_date'));
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ["--max-heap-size=${config.heapMB ?? HEAP_MB}"],
  services = [
    (name = "diorama", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${date},
      bindings = [
        (name = "CLUSTER", durableObjectNamespace = ${quote(className)}),
        (name = "DB", wrapped = (
          moduleName = "cloudflare-internal:d1-api",
          innerBindings = [(name = "fetcher", service = "d1")])),
        (name = "ASSETS", service = "assets"),
        (name = "LOCAL_HTTPS_ORIGIN", text = ${quote(`https://${config.localHost}:${config.httpsPort}`)}),
        (name = "LOCAL_CA", text = ${quote(config.ca)}),
${HAS_HEAVY_PROCESS ? BESIDE : ''}${settings(config.settings)}      ],
      durableObjectNamespaces = [(className = ${quote(className)}, uniqueKey = ${quote(`${name}-${className}`)}, enableSql = true)],
      durableObjectStorage = (localDisk = "objects"),
      globalOutbound = "nowhere")),
    (name = "d1", worker = (
      modules = [(name = "d1.worker.js", esModule = embed "d1.worker.js")],
      compatibilityDate = ${date},
      bindings = [
        (name = "DATABASE", durableObjectNamespace = "D1DatabaseObject"),
        (name = "DATABASE_ID", text = ${quote(setting(wrangler, 'database_id'))}),
        (name = "MIGRATIONS", json = ${quote(JSON.stringify(migrations()))}),
      ],
      durableObjectNamespaces = [(className = "D1DatabaseObject", uniqueKey = "miniflare-D1DatabaseObject", enableSql = true)],
      durableObjectStorage = (localDisk = "databases"),
      globalOutbound = "nowhere")),
${ASSETS_SERVICE}    (name = "objects", disk = (path = ${quote(config.objectsDir)}, writable = true)),
    (name = "databases", disk = (path = ${quote(config.databaseDir)}, writable = true)),
${HAS_HEAVY_PROCESS ? BESIDE_SERVICES : ''}    (name = "nowhere", network = (allow = [])),
  ],
  sockets = [
${HAS_HEAVY_PROCESS ? CLUSTERS_DOOR : ''}    (name = "http", address = ${quote(`${config.host}:${config.port}`)}, http = (), service = "diorama"),
${config.tlsDoor ? TLS_DOORS : ownTlsDoor(config)}  ],
);
`;
}

const ownTlsDoor = ({ host, httpsPort, server }: LocalConfig): string =>
  `    (name = "https", address = ${quote(`${host}:${httpsPort}`)}, service = "diorama", https = (
      options = (),
      tlsOptions = (keypair = (
        privateKey = ${quote(server.privateKey)},
        certificateChain = ${quote(server.certificate)})))),
`;
