/**
 * A whole cluster but for its API server: the store with the default objects under it, the clock, and the pump with everything that
 * runs on it. The Durable Object hosts one; tests hold one in their own process.
 */

import { componentAdmission } from '../apiserver/dynamic-admission/component-admission.ts';
import { applyWrite, type ComponentStorage, type WriteContext } from '../apiserver/write/component-write.ts';
import { baseLayer } from '../catalog/base-layer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { bootstrapWrites } from '../controllers/control-plane/bootstrap-objects.ts';
import type { ClientAuthorities } from '../controllers/control-plane/cluster-authentication-trust.ts';
import { FLOW_SCHEMA_CONTROLLER } from '../controllers/control-plane/flow-schema.ts';
import { SERVICE_CIDR_CONTROLLER } from '../controllers/services/service-cidr.ts';
import { constantBase } from '../etcd/base.ts';
import type { ChangeMark } from '../etcd/change-mark.ts';
import { isTooLarge } from '../etcd/errors.ts';
import { componentStorage } from '../etcd/local-storage.ts';
import type { Sql } from '../etcd/sql.ts';
import { Store } from '../etcd/store.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';
import { viewOf } from '../objects/view.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import type { Clock } from '../simulation/clock.ts';
import { DeclaredReader } from '../simulation/declared-reader.ts';
import { createDueStorage } from '../simulation/due-storage.ts';
import { Errands } from '../simulation/errands.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import { createNotary, type Signatures, type SignPodToken } from '../simulation/notary.ts';
import { Pump } from '../simulation/pump.ts';
import type { Writer } from '../simulation/pump-ports.ts';
import { createRandom } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';
import type { TurnBudget } from '../simulation/turn-budget.ts';
import type { Work } from '../simulation/work.ts';
import { AdmissionMark } from './admission-mark.ts';
import { SimulatedNetwork } from './cluster-network.ts';
import { CommitBuffer } from './commit-buffer.ts';
import { Course } from './course.ts';
import { kindsOf } from './defined-kinds.ts';
import { createFirstObjects } from './first-objects.ts';
import { foundBy } from './index-places.ts';
import { type Machines, machinesOf } from './machines.ts';
import { ObjectChanges } from './object-changes.ts';
import { podTokens } from './pod-tokens.ts';
import { policyMark } from './policy-mark.ts';
import { API_SERVER_READS, readInFull, reconcilersOf } from './reconcilers.ts';
import type { SimulationSpec } from './simulation-spec.ts';
import { MAX_KEYS, MAX_LIVE_BYTES, QUOTA_BYTES } from './store-limits.ts';
import { WaitingWrites } from './waiting-writes.ts';

export interface SimulatedClusterOptions {
  sql: Sql;
  spec: SimulationSpec;
  /** The certificate that clients trust the cluster by, PEM. */
  rootCA: string;
  /** The authorities that clients are trusted by, PEM; the root CA's unless said. */
  authentication?: ClientAuthorities;
  /** What signs for the controllers. */
  signatures?: Signatures;
  /** How webhooks are called; none can be reached unless said. */
  callWebhook?: CallWebhook;
  /** Where what they answer counts while a write waits for more; nowhere unless said. */
  hold?: () => Holding;
  /** Told when something that a reconcile waits for has come: there is work. */
  awoken?: () => void;
  /** Bytes of database from which on values are refused. */
  quotaBytes?: number;
  /** How much may be live. */
  live?: { keys: number; bytes: number };
  /** How its time goes now, if that was changed since its creation. */
  clock?: Clock;
  /** The kinds that there are at the moment; those that its definitions say, unless said. */
  catalog?: () => Catalog;
  /** Told of every reconcile that failed; it is retried all the same. */
  failed?: (work: Work, error: unknown) => void;
  /** See `PumpPorts`. */
  undeclared?: (object: KubeObject) => KubeObject;
  /** Told of each object before all reconcilers share it: in tests nobody may change it any more. */
  share?: (object: KubeObject) => void;
}

export interface SimulatedCluster {
  readonly store: Store;
  /** The kinds that there are at the moment. */
  readonly catalog: Catalog;
  /** The mark of its roles and bindings. */
  readonly policy: ChangeMark;
  /** The same of its admission policies and webhooks. */
  readonly admission: AdmissionMark;
  /** The machines of its pods. */
  readonly machines: Machines;
  clock: Clock;
  /** Brings a new cluster's first objects into being: once in its life, in one commit. */
  initialize(realNow: number): void;
  /** What an API server does when it starts on a store that another one kept. What is refused is left out. */
  bootstrap(realNow: number): void;
  /** The cluster's time at a real instant; both in milliseconds since 1970, as everywhere here. */
  now(realNow: number): number;
  /**
   * Does a budget of what is to be done now, or of what is due on the way of a step, each at its own instant; of a compaction, a part.
   */
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
  reader(): View;
  /** The rules of its nodes, and what connections go through. */
  readonly network: SimulatedNetwork;
}

export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  const { sql, spec, failed, share } = options;
  const base = baseOf(options);
  const store = storeOf(options, base);
  const kinds = kindsOf(store, options.catalog);
  const admission = new AdmissionMark(store);
  const storage = componentStorage(store);
  const errands = new Errands((work) => {
    course.errandArrived();
    pump.wake(work);
    options.awoken?.();
  });
  const waiting = new WaitingWrites(errands, options.hold);
  const apply = (write: Write<KubeObject>, writer: Writer): KubeObject | undefined =>
    commits.around(() => {
      const seen = { view: seenBy(pump.reader(), options.undeclared), catalog: kinds.catalog() };
      return applied(write, writer, { storage, seen, waiting, isAdmitted: admission.value !== null, options });
    });
  const { machines, network } = nodesOf(spec, () => pump, podTokens(options.signatures, errands));
  const reconcilers = reconcilersOf(spec, kinds, trustOf(options, base, errands), machines);
  const objects = new ObjectChanges(store, kinds.catalog, readInFull(reconcilers));
  const commits = new CommitBuffer(objects, (changes) => {
    for (const change of changes) pump.committed(change);
  });
  const pump = new Pump<KubeObject>({
    seed: spec.seed,
    reconcilers,
    storage: createDueStorage(sql),
    load: () => objects.everything(),
    since: (revision) => objects.since(revision),
    revision: () => store.revision,
    find: foundBy,
    isLasting: isTooLarge,
    transaction: (body) => sql.transaction(body),
    apply,
    ...(failed ? { failed } : {}),
    ...(options.undeclared ? { undeclared: options.undeclared } : {}),
    ...(share ? { share } : {}),
  });
  store.subscribe((commit) => commits.add(commit));
  const course = new Course(options.clock ?? clockOf(spec), { store, pump, errands });

  return {
    store,
    get catalog() {
      return kinds.catalog();
    },
    policy: policyMark(store),
    admission,
    machines,
    get clock() {
      return course.clock;
    },
    set clock(changed) {
      course.clock = changed;
    },
    initialize: (realNow) => createFirstObjects(store, spec, course.now(realNow)),
    bootstrap: (realNow) => bootstrap(options, base, { store, pump, apply, now: course.now(realNow) }),
    now: (realNow) => course.now(realNow),
    pumpTurn(realNow, budget) {
      store.compaction.goOn();
      course.turn(realNow, budget);
    },
    get waiting() {
      return errands.busy;
    },
    settled: () => errands.settled(),
    idle: (realNow) => !store.compaction.isUnderWay && course.idle(realNow),
    nextDue: (realNow) => (store.compaction.isUnderWay ? realNow : course.nextDue(realNow)),
    reader: () => pump.reader(),
    network,
  };
}

/** What runs on the nodes: programs, which reach one another through the network, and the network, where programs listen. */
function nodesOf(
  spec: SimulationSpec,
  pump: () => Pump<KubeObject>,
  signToken: SignPodToken | undefined,
): { machines: Machines; network: SimulatedNetwork } {
  const machines: Machines = machinesOf(spec, pump, () => network, signToken);
  const network = new SimulatedNetwork(
    spec,
    () => pump().reader(),
    (pod, at, now) => machines.listens(pod, at, now),
  );
  return { machines, network };
}

interface Applying {
  storage: ComponentStorage;
  seen: Pick<WriteContext, 'view' | 'catalog'>;
  waiting: WaitingWrites;
  /** Whether there are policies or webhooks. */
  isAdmitted: boolean;
  options: SimulatedClusterOptions;
}

/** A component's write, once all is known that it takes. @throws WriteWaits, StatusError, EtcdError */
function applied(
  write: Write<KubeObject>,
  writer: Writer,
  { storage, seen, waiting, isAdmitted, options: { spec, callWebhook } }: Applying,
): KubeObject | undefined {
  const { manager } = writer;
  const context = { manager, config: spec, ...seen };
  if (!isAdmitted) return applyWrite(storage, write, { ...context, now: writer.now, random: writer.random });
  return waiting.apply(write, writer, storage.revision, (asked, { answers, now, random, revision }) => {
    const component = { name: writer.name, manager, write: asked };
    const dynamicAdmission = componentAdmission({ ...seen, answers, callWebhook }, component);
    return applyWrite(storage, asked, { ...context, now, random, revision, dynamicAdmission });
  });
}

const storeOf = ({ sql, quotaBytes, live }: SimulatedClusterOptions, base: Map<string, string>): Store =>
  new Store(sql, {
    base: constantBase(base),
    quotaBytes: quotaBytes ?? QUOTA_BYTES,
    live: live ?? { keys: MAX_KEYS, bytes: MAX_LIVE_BYTES },
  });

/** The objects as the API server's stages see them in a component's write. */
const seenBy = (reader: View, undeclared: SimulatedClusterOptions['undeclared']): View =>
  undeclared ? viewOf(new DeclaredReader<KubeObject>(reader, API_SERVER_READS, undeclared)) : reader;

/** The clock that a cluster is made with. */
const clockOf = ({ clock, createdAt }: SimulationSpec): Clock => ({
  base: clock.start,
  anchor: createdAt,
  speed: clock.paused ? 0 : clock.speed,
});

const authenticationOf = ({ authentication, rootCA }: SimulatedClusterOptions): ClientAuthorities =>
  authentication ?? { clientCA: rootCA, frontProxyCA: rootCA };

/** The default objects' texts by their keys. */
function baseOf(options: SimulatedClusterOptions): Map<string, string> {
  const { spec, rootCA } = options;
  const { controllers } = spec.components;
  return baseLayer({
    serviceCIDR: spec.serviceCIDR,
    createdAt: timestamp(spec.baseTime ?? spec.clock.start),
    seed: spec.seed,
    rootCA,
    ...authenticationOf(options),
    flowControl: controllers[FLOW_SCHEMA_CONTROLLER] ?? false,
    serviceCIDRs: controllers[SERVICE_CIDR_CONTROLLER] ?? false,
    controllers: Object.entries(controllers).some(([name, on]) => on && name !== FLOW_SCHEMA_CONTROLLER),
  });
}

const KUBERNETES_SERVICE = '/registry/services/specs/default/kubernetes';

function trustOf(options: SimulatedClusterOptions, base: Map<string, string>, errands: Errands) {
  const { rootCA, signatures } = options;
  return {
    rootCA,
    authentication: authenticationOf(options),
    kubernetes: JSON.parse(base.get(KUBERNETES_SERVICE)!),
    ...(signatures ? { notary: createNotary(signatures, errands) } : {}),
  };
}

interface Bootstrapped {
  store: Store;
  pump: Pump<KubeObject>;
  apply(write: Write<KubeObject>, writer: Writer): KubeObject | undefined;
  now: number;
}

function bootstrap(
  { spec, failed }: SimulatedClusterOptions,
  base: Map<string, string>,
  { store, pump, apply, now }: Bootstrapped,
): void {
  const random = createRandom(spec.seed, `bootstrap/${store.revision}`);
  const defaults = [...base.values()].map((text) => JSON.parse(text) as KubeObject);
  for (const write of bootstrapWrites(pump.reader(), defaults))
    try {
      apply(write, { name: 'bootstrap', key: '', manager: 'kube-apiserver', now, random });
    } catch (error) {
      const key = write.verb === 'delete' ? write.name : write.object.metadata.name;
      failed?.({ reconciler: 'bootstrap', key }, error);
    }
}
