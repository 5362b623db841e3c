/**
 * A cluster in this process for the contract: store, pump and API server, with the components that an area needs. Its clock moves
 * only when told to.
 */

import type { SimulationSpec } from '../../src/cluster/simulation-spec.ts';
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { componentsOf, type Profile } from '../../src/platform/clusters/components.ts';
import { frozen } from '../../src/simulation/frozen.ts';
import { mistake } from '../mistake.ts';
import { undeclared } from '../simulation/undeclared.ts';

export interface ContractCluster {
  /** The cluster's time, milliseconds since 1970. */
  readonly now: number;
  /** `headers` with null take a default away. */
  fetch(method: string, path: string, headers: Record<string, string | null>, body: unknown): Promise<Response>;
  /** Lets the cluster's time pass, with all that is due in it. */
  advance(milliseconds: number): Promise<void>;
  close(): void;
}

/** Which parts run, by area; all others need the API alone. */
const PROFILES: Record<string, Profile> = { scheduler: 'no-kubelet', controllers: 'full', envtest: 'envtest' };

const START = Date.parse('2026-01-05T10:00:00Z');
const ADMIN_TOKEN = 'contract-admin';
const ROOT_CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
/** What a request takes of the cluster's time, milliseconds. */
const REQUEST_TIME = 1;

const CAPACITY = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '500' };
const NODES = ['node-1', 'node-2', 'node-3'].map((name) => ({
  name,
  capacity: CAPACITY,
  labels: name === 'node-1' ? { role: 'one' } : ({} as Record<string, string>),
  taints: [],
}));

function specOf(area: string): SimulationSpec {
  const profile = PROFILES[area] ?? 'api';
  return {
    id: 'contract',
    seed: 'contract',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767],
    components: componentsOf(profile),
    createdAt: START,
    nodes: profile === 'full' ? NODES : [],
    clock: { start: START, speed: 1, paused: false },
    behaviours: [{ match: { labels: { ready: 'never' } }, ready: false }],
  };
}

export async function createContractCluster(area: string): Promise<ContractCluster> {
  const sharing = { share: frozen, undeclared };
  const options = { spec: specOf(area), adminToken: ADMIN_TOKEN, rootCA: ROOT_CA, failed, ...sharing };
  const cluster = await createSteppedCluster(options);
  return {
    get now() {
      return cluster.now;
    },
    async fetch(method, path, headers, body) {
      const response = await cluster.handle(makeRequest(method, path, headers, body));
      await cluster.advance(REQUEST_TIME);
      return response;
    },
    advance: cluster.advance,
    close: cluster.close,
  };
}

function failed(work: { reconciler: string; key: string }, error: unknown): void {
  mistake(error);
  if (process.env.CONTRACT_FAILURES) console.log(work.reconciler, work.key, error);
}

function makeRequest(method: string, path: string, headers: Record<string, string | null>, body: unknown): Request {
  const sent = new Headers({ accept: 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` });
  for (const [name, value] of Object.entries(headers))
    if (value === null) sent.delete(name);
    else sent.set(name, value);
  const text = body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  if (text !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json');
  return new Request(`http://cluster${path}`, {
    method,
    headers: sent,
    ...(text === undefined ? {} : { body: text }),
  });
}
