/**
 * A whole cluster but for its API server: the store with the default objects under it, the clock, and the pump with everything that
 * runs on it. The Durable Object hosts one; tests hold one in their own process.
 */
import type { ClusterConfig } from '../apiserver/storage.ts';
import { parseStored, storedText, valueText } from '../apiserver/stored.ts';
import { applyWrite } from '../apiserver/write.ts';
import { baseLayer } from '../catalog/base-layer.ts';
import { findByName, type Kind, storageKey } from '../catalog/kinds.ts';
import { findSchema } from '../catalog/schema.ts';
import { apiServiceAvailability } from '../controllers/apiservice-availability.ts';
import { bootstrapWrites } from '../controllers/bootstrap-objects.ts';
import { type ClientAuthorities, clusterAuthenticationTrust } from '../controllers/cluster-authentication-trust.ts';
import { eventTtl } from '../controllers/event-ttl.ts';
import { eventKey, eventName } from '../controllers/events.ts';
import { FLOW_SCHEMA_CONTROLLER } from '../controllers/flow-schema.ts';
import { kubernetesService } from '../controllers/kubernetes-service.ts';
import { serviceIPAddresses } from '../controllers/service-ip-addresses.ts';
import { controllers } from '../controllers/table.ts';
import { claimPlaces } from '../controllers/volume-protection.ts';
import { constantBase } from '../etcd/base.ts';
import { isTooLarge } from '../etcd/errors.ts';
import type { Sql } from '../etcd/sql.ts';
import { type Commit, Store } from '../etcd/store.ts';
import type { KeyValue } from '../etcd/types.ts';
import { clusterDNSOf } from '../kubelet/dns.ts';
import { kubelet, waitingPlaces } from '../kubelet/kubelet.ts';
import { initialEvents, initialLeases, initialNodes, type NodeSpec } from '../kubelet/nodes.ts';
import { iptables } from '../network/kube-proxy/iptables.ts';
import { nodeProxyInput } from '../network/kube-proxy/node-input.ts';
import { withCompactOwnership } from '../objects/compact-ownership.ts';
import type { KubeObject } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';
import { nodePlaces, type PlacesOf } from '../resources/core/pod/places.ts';
import { pendingPlaces } from '../scheduler/queue.ts';
import { scheduler } from '../scheduler/reconciler.ts';
import { type Behaviour, DEFAULT_BEHAVIOURS } from '../simulation/behaviours.ts';
import { advancedTo, arrived, type Clock, clusterTime, isStepping, realTime } from '../simulation/clock.ts';
import { createDueStorage } from '../simulation/due-storage.ts';
import { Errands } from '../simulation/errands.ts';
import { createNotary, type Notary, type Signatures } from '../simulation/notary.ts';
import type { Change } from '../simulation/object-index.ts';
import { Pump, type Writer } from '../simulation/pump.ts';
import { createRandom } from '../simulation/random.ts';
import type { Reader, Reconciler, Write } from '../simulation/reconciler.ts';
import { TurnBudget } from '../simulation/turn-budget.ts';
import type { WorkBudget } from '../simulation/work-budget.ts';
import type { Work } from '../simulation/work-queue.ts';
import { parseObjectKey } from './stored-keys.ts';

/** What of a cluster's making the simulation must know; a platform's `ClusterSpec` is one. */
export interface SimulationSpec extends ClusterConfig {
  /** Real time of its creation, milliseconds since 1970. */
  createdAt: number;
  nodes: NodeSpec[];
  clock: { start: number; speed: number; paused: boolean };
  /** Absent: the default rules. */
  behaviours?: Behaviour[];
  /** When the default objects were made, if not at the clock's start. */
  baseTime?: number;
}

export interface SimulatedClusterOptions {
  sql: Sql;
  spec: SimulationSpec;
  /** The certificate that clients trust the cluster by, PEM. */
  rootCA: string;
  /** The authorities that clients are trusted by, PEM; the root CA's unless said. */
  authentication?: ClientAuthorities;
  /** What signs for the controllers. */
  signatures?: Signatures;
  /** Told when something that a reconcile waits for has come: there is work. */
  awoken?: () => void;
  /** Bytes of database from which on values are refused. */
  quotaBytes?: number;
  /** How its time goes now, if that was changed since its creation. */
  clock?: Clock;
  /** Told of every reconcile that failed; it is retried all the same. */
  failed?: (work: Work, error: unknown) => void;
}

export interface SimulatedCluster {
  readonly store: Store;
  clock: Clock;
  /** Brings a new cluster's nodes into being: once in its life, in one commit. */
  initialize(realNow: number): void;
  /** What an API server does when it starts on a store that another one kept. What is refused is left out. */
  bootstrap(realNow: number): void;
  /** The cluster's time at a real instant; both in milliseconds since 1970, as everywhere here. */
  now(realNow: number): number;
  /** Does a budget of what is to be done now, or of what is due on the way of a step, each at its own instant. */
  pumpTurn(realNow: number, budget?: TurnBudget): void;
  /** Whether nothing is to be done at this real instant. */
  idle(realNow: number): boolean;
  /** The real instant at which there is work even if nobody writes; undefined: never. */
  nextDue(realNow: number): number | undefined;
  /** Whether a reconcile waits for a signature. */
  readonly waiting: boolean;
  /** When none does any more. */
  settled(): Promise<void>;
  /** The objects as the reconcilers see them. */
  reader(): Reader<KubeObject>;
  /** What `iptables-save` prints on a node; undefined when there is no such node. Throws what `work` does. */
  iptables(node: string, work: WorkBudget): string | undefined;
}

/** As etcd's `--quota-backend-bytes`; etcd's own default is 2 GB, and a platform may set the objects' limit lower than that. */
const QUOTA_BYTES = 512 * 1024 ** 2;

/** A step of the clock waits so long for an errand, such as a signature, real milliseconds, before it goes on without. */
export const MAX_ERRAND_WAIT_MS = 10_000;

/** Characters of values that are read at once when the pump wakes. */
export const LOAD_BYTES = 1024 ** 2;

const ALL_OBJECTS = { key: '/registry/', rangeEnd: '/registry0' };

export function createSimulatedCluster({
  sql,
  spec,
  rootCA,
  failed,
  ...options
}: SimulatedClusterOptions): SimulatedCluster {
  const { seed, serviceCIDR, podCIDR } = spec;
  const authentication = options.authentication ?? { clientCA: rootCA, frontProxyCA: rootCA };
  const base = baseLayer({
    serviceCIDR,
    createdAt: timestamp(spec.baseTime ?? spec.clock.start),
    seed,
    rootCA,
    ...authentication,
    flowControl: spec.components.controllers[FLOW_SCHEMA_CONTROLLER] ?? false,
    controllers: Object.entries(spec.components.controllers).some(
      ([name, on]) => on && name !== FLOW_SCHEMA_CONTROLLER,
    ),
  });
  const store = new Store(sql, { base: constantBase(base), quotaBytes: options.quotaBytes ?? QUOTA_BYTES });
  let clock: Clock = options.clock ?? {
    base: spec.clock.start,
    anchor: spec.createdAt,
    speed: spec.clock.paused ? 0 : spec.clock.speed,
  };
  const commits = new CommitBuffer((changes) => {
    for (const change of changes) pump.committed(change);
  });
  let waitingSince: number | undefined;
  const errands = new Errands((work) => {
    waitingSince = undefined;
    pump.wake(work);
    options.awoken?.();
  });
  const notary = options.signatures && createNotary(options.signatures, errands);
  const pump = new Pump<KubeObject>({
    seed,
    reconcilers: reconcilersOf(spec, {
      rootCA,
      authentication,
      kubernetes: JSON.parse(base.get(KUBERNETES_SERVICE)!),
      ...(notary ? { notary } : {}),
    }),
    storage: createDueStorage(sql),
    load: () => ({ revision: store.revision, changes: everything(store) }),
    revision: () => store.revision,
    ownersOf,
    isLasting: isTooLarge,
    transaction: (body) => sql.transaction(body),
    apply: (write, writer) => commits.around(() => apply(write, writer)),
    ...(failed ? { failed } : {}),
  });
  const apply = (write: Write<KubeObject>, { manager, now, random }: Writer): KubeObject | undefined =>
    applyWrite(store, named(write, now, store.revision), { manager, now, random, config: spec, view: pump.reader() });
  store.subscribe((commit) => commits.add(commit));
  const isIdle = (now: number): boolean =>
    pump.idle(now) && (store.nextLeaseExpiry() ?? Number.POSITIVE_INFINITY) > now;
  /** What was asked for at an instant is had at that instant, so a step stands still meanwhile. */
  const awaitsErrands = (realNow: number): boolean => {
    if (!errands.busy) return false;
    waitingSince ??= realNow;
    return realNow - waitingSince <= MAX_ERRAND_WAIT_MS;
  };
  const dueAt = (now: number): number | undefined => {
    const due = [pump.nextDue(now), store.nextLeaseExpiry()].filter((at) => at !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  };

  return {
    store,
    get clock() {
      return clock;
    },
    set clock(changed) {
      clock = changed;
    },
    initialize: (realNow) => createNodes(store, spec, clusterTime(clock, realNow)),
    bootstrap(realNow) {
      const now = clusterTime(clock, realNow);
      const random = createRandom(seed, `bootstrap/${store.revision}`);
      const defaults = [...base.values()].map((text) => JSON.parse(text) as KubeObject);
      for (const write of bootstrapWrites(pump.reader(), defaults))
        try {
          commits.around(() => apply(write, { name: 'bootstrap', manager: 'kube-apiserver', now, random }));
        } catch (error) {
          failed?.(
            { reconciler: 'bootstrap', key: write.verb === 'delete' ? write.name : write.object.metadata.name },
            error,
          );
        }
    },
    now: (realNow) => clusterTime(clock, realNow),
    pumpTurn(realNow, budget = new TurnBudget()) {
      for (;;) {
        const now = clusterTime(clock, realNow);
        store.expireLeases(now, budget);
        pump.turn(now, budget);
        if (!isStepping(clock)) return;
        const target = clock.target ?? now;
        if (isIdle(now)) {
          if (awaitsErrands(realNow)) return;
          if (now < target) clock = advancedTo(clock, realNow, Math.min(dueAt(now) ?? target, target));
          else clock = arrived(clock, realNow);
        }
        budget.spend();
        if (!isStepping(clock) || budget.isSpent) return;
      }
    },
    get waiting() {
      return errands.busy;
    },
    settled: () => errands.settled(),
    idle: (realNow) => !isStepping(clock) && isIdle(clusterTime(clock, realNow)),
    nextDue(realNow) {
      if (isStepping(clock)) return realNow;
      const due = dueAt(clusterTime(clock, realNow));
      return due === undefined ? undefined : realTime(clock, due);
    },
    reader: () => pump.reader(),
    iptables(node, work) {
      const input = nodeProxyInput(pump.reader(), node, { podCIDR, serviceCIDR });
      if (!input) return undefined;
      const { nat, filter } = iptables(input, work);
      return `${filter.trimEnd()}\n${nat.trimEnd()}\n`;
    },
  };
}

/** Under what the index finds an object again: its owners, for an event what it is about, for a pod its node and what it waits for. */
function ownersOf(object: KubeObject): string[] {
  const { kind, metadata, involvedObject } = object;
  if (kind === 'Event' && involvedObject?.uid) return [eventKey(involvedObject.uid)];
  const owners = metadata.ownerReferences?.map((reference) => reference.uid) ?? [];
  return kind === 'Pod' ? [...owners, ...POD_PLACES.flatMap((placesOf) => safely(placesOf, object))] : owners;
}

const POD_PLACES: PlacesOf[] = [nodePlaces, pendingPlaces, waitingPlaces, claimPlaces];

/** What is not as a pod should be is in no such place: nobody waits for it. */
function safely(placesOf: PlacesOf, pod: KubeObject): string[] {
  try {
    return placesOf(pod);
  } catch {
    return [];
  }
}

function named(write: Write<KubeObject>, now: number, revision: number): Write<KubeObject> {
  if (write.verb !== 'create' || write.object.kind !== 'Event' || !write.object.metadata.generateName) return write;
  const { generateName, ...metadata } = write.object.metadata;
  const name = eventName(generateName, now, revision);
  return { ...write, object: { ...write.object, metadata: { ...metadata, name } } };
}

const KUBERNETES_SERVICE = '/registry/services/specs/default/kubernetes';

interface Trust {
  rootCA: string;
  authentication: ClientAuthorities;
  notary?: Notary;
  /** The API server's own Service, as the cluster begins with it. */
  kubernetes: KubeObject;
}

function reconcilersOf(spec: SimulationSpec, { authentication, ...trust }: Trust): Reconciler<KubeObject>[] {
  const { components, podCIDR, serviceCIDR } = spec;
  return [
    eventTtl(),
    serviceIPAddresses(),
    kubernetesService(trust.kubernetes),
    apiServiceAvailability(),
    clusterAuthenticationTrust(authentication),
    ...controllers({ enabled: components.controllers, podCIDR, serviceCIDR, ...trust }),
    ...(components.scheduler ? [scheduler] : []),
    ...(components.kubelet ? [kubelet(spec.behaviours ?? DEFAULT_BEHAVIOURS, clusterDNSOf(serviceCIDR))] : []),
  ];
}

function createNodes(store: Store, spec: SimulationSpec, now: number): void {
  if (spec.nodes.length === 0) return;
  const config = { podCIDR: spec.podCIDR, now, random: createRandom(spec.seed, 'nodes') };
  const nodes = initialNodes(spec.nodes, config);
  const put = (resource: string, { metadata }: KubeObject, value: string) => ({
    put: { key: storageKey(findByName(resource)!, metadata.namespace, metadata.name), value },
  });
  const success = [
    ...nodes.map((node) => put('nodes', node, storedText(node))),
    ...initialLeases(nodes, config).map((lease) => put('leases.coordination.k8s.io', lease, storedText(lease))),
    ...(spec.components.kubelet ? initialEvents(nodes, config) : []).map((event) =>
      put('events', event, storedText(event)),
    ),
  ];
  store.txn({ compare: [], success, failure: [] });
}

/** Every object, read part by part: the text of all of them beside what they become would be more than the objects alone. */
function* everything(store: Store): Iterable<Change<KubeObject>> {
  let key = ALL_OBJECTS.key;
  for (;;) {
    const { kvs, cut } = store.range({ ...ALL_OBJECTS, key, maxBytes: LOAD_BYTES });
    for (const kv of kvs) yield* changeOf(kv);
    if (!cut) return;
    key = `${kvs.at(-1)!.key}\0`;
  }
}

function changeOf(kv: KeyValue, object?: KubeObject): Change<KubeObject>[] {
  const key = parseObjectKey(kv.key);
  if (!key) return [];
  const { resource, namespace, name, kind } = key;
  const parsed = object ?? readable(kind, () => (kind ? parseStored(kind, kv) : parseCustom(kv)));
  return [
    {
      resource,
      namespace,
      name,
      revision: kv.modRevision,
      ...(parsed ? { new: withCompactOwnership(parsed) } : { unreadable: true }),
    },
  ];
}

/**
 * Through etcd's own door anything can be put at an object's key: what is no object is there and unknown to the reconcilers, and one
 * without its parts has empty ones, as in Go.
 */
function readable(kind: Kind | undefined, parse: () => KubeObject): KubeObject | undefined {
  try {
    const object = parse();
    if (typeof object.metadata?.name !== 'string') return undefined;
    const fields = findSchema(kind?.schema ?? '')?.byName;
    for (const field of ['spec', 'status']) if (fields?.has(field)) object[field] ??= {};
    return object;
  } catch {
    return undefined;
  }
}

function parseCustom(kv: KeyValue): KubeObject {
  const object = JSON.parse(valueText(kv)) as KubeObject;
  object.metadata = { ...object.metadata, resourceVersion: String(kv.modRevision) };
  return object;
}

/**
 * Commits on their way to the pump. Those of the pump's own writes wait until the write path has answered the object that it stored,
 * which then needs no parsing.
 */
class CommitBuffer {
  private readonly deliver: (changes: Change<KubeObject>[]) => void;
  private held: Commit[] | undefined;

  constructor(deliver: (changes: Change<KubeObject>[]) => void) {
    this.deliver = deliver;
  }

  add(commit: Commit): void {
    if (this.held) this.held.push(commit);
    else this.deliver(changesOf(commit));
  }

  around(write: () => KubeObject | undefined): KubeObject | undefined {
    const held: Commit[] = [];
    this.held = held;
    let stored: KubeObject | undefined;
    try {
      stored = write();
    } finally {
      this.held = undefined;
      for (const commit of held) {
        const isStored = stored?.metadata.resourceVersion === String(commit.revision);
        this.deliver(changesOf(commit, isStored ? stored : undefined));
      }
    }
    return stored;
  }
}

function changesOf(commit: Commit, stored?: KubeObject): Change<KubeObject>[] {
  return commit.events.flatMap(({ type, kv }) => {
    if (type === 'PUT') return changeOf(kv, commit.events.length === 1 ? stored : undefined);
    const key = parseObjectKey(kv.key);
    return key ? [{ ...key, revision: commit.revision }] : [];
  });
}
