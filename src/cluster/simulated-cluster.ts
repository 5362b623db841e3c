/**
 * A whole cluster but for its API server: the store with the default objects under it, the clock, and the pump with everything that
 * runs on it. The Durable Object hosts one; tests hold one in their own process.
 */

import { componentAdmission } from '../apiserver/dynamic-admission/component-admission.ts';
import { applyWrite, type ComponentStorage, type WriteContext } from '../apiserver/write/component-write.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { constantBase } from '../etcd/base.ts';
import { causedBy } from '../etcd/cause-log.ts';
import type { ChangeMark } from '../etcd/change-mark.ts';
import { isTooLarge } from '../etcd/errors.ts';
import { componentStorage } from '../etcd/local-storage.ts';
import { Store } from '../etcd/store.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { viewOf } from '../objects/view.ts';
import type { Clock } from '../simulation/clock.ts';
import { DeclaredReader } from '../simulation/declared-reader.ts';
import { createDueStorage } from '../simulation/due-storage.ts';
import { Errands } from '../simulation/errands.ts';
import type { Change } from '../simulation/object-index.ts';
import { Pump } from '../simulation/pump.ts';
import type { Writer } from '../simulation/pump-ports.ts';
import type { Write } from '../simulation/reconciler.ts';
import type { TurnBudget } from '../simulation/turn-budget.ts';
import type { Work } from '../simulation/work.ts';
import { AdmissionMark } from './admission-mark.ts';
import { bootstrap } from './bootstrapping.ts';
import { baseOf, trustOf } from './cluster-base.ts';
import type { SimulatedNetwork } from './cluster-network.ts';
import { CommitBuffer } from './commit-buffer.ts';
import { ControlPlane } from './control-plane.ts';
import { foundControlPlane } from './control-plane-founding.ts';
import { Course } from './course.ts';
import { kindsOf } from './defined-kinds.ts';
import { createFirstObjects } from './first-objects.ts';
import { foundBy } from './index-places.ts';
import type { Machines } from './machines.ts';
import { ObjectChanges } from './object-changes.ts';
import { podTokens } from './pod-tokens.ts';
import { policyMark } from './policy-mark.ts';
import { API_SERVER_READS, readInFull, reconcilersOf } from './reconcilers.ts';
import type { SimulatedClusterOptions } from './simulated-cluster-options.ts';
import { nodesOf } from './simulated-nodes.ts';
import type { SimulationSpec } from './simulation-spec.ts';
import { MAX_KEYS, MAX_LIVE_BYTES, QUOTA_BYTES } from './store-limits.ts';
import { WaitingWrites } from './waiting-writes.ts';

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
  /** The cluster's time at which something is due; undefined: never. */
  dueAt(realNow: number): number | undefined;
  /** Whether a reconcile waits for a signature. */
  readonly waiting: boolean;
  /** When none does any more. */
  settled(): Promise<void>;
  /** The objects as the reconcilers see them. */
  reader(): View;
  /** What of its control plane is broken, and what follows from that. */
  readonly controlPlane: ControlPlane;
  /** Has these keys reconciled, and every object looked at. */
  lookAgain(works: readonly Work[]): void;
  /** The rules of its nodes, and what connections go through. */
  readonly network: SimulatedNetwork;
}

/** How objects are found, and which refusals stay. */
const KNOWN = { find: foundBy, isLasting: isTooLarge };

export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  const { sql, spec } = options;
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
      const applying = { storage, seen, waiting, isAdmitted: admission.value !== null, options };
      return causedBy(store, writer, () => applied(write, writer, applying));
    });
  const { machines, network } = nodesOf(options, () => pump, podTokens(options.signatures, errands));
  const controlPlane = new ControlPlane(spec);
  const reconcilers = reconcilersOf(spec, kinds, trustOf(options, base, errands), { runtime: machines, controlPlane });
  const objects = new ObjectChanges(store, kinds.catalog, readInFull(reconcilers));
  const commits = new CommitBuffer(objects, (changes) => took(changes, pump, controlPlane));
  const pump = new Pump<KubeObject>({
    seed: spec.seed,
    reconcilers,
    storage: createDueStorage(sql),
    load: () => objects.everything(),
    since: (revision) => objects.since(revision),
    revision: () => store.revision,
    ...KNOWN,
    transaction: (body) => sql.transaction(body),
    apply,
    rests: controlPlane.mayRest ? (reconciler): boolean => controlPlane.rests(reconciler, pump.reader()) : undefined,
    ...observersOf(options),
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
    initialize: (realNow) => begin(options, { store, pump, apply, now: course.now(realNow) }),
    bootstrap: (realNow) => bootstrap(options, base, { store, reader: pump.reader(), apply, now: course.now(realNow) }),
    now: (realNow) => course.now(realNow),
    dueAt: (realNow) => course.dueAt(realNow),
    pumpTurn: (realNow, budget) => course.turn(realNow, budget),
    get waiting() {
      return errands.busy;
    },
    settled: () => errands.settled(),
    idle: (realNow) => !store.compaction.isUnderWay && course.idle(realNow),
    nextDue: (realNow) => (store.compaction.isUnderWay ? realNow : course.nextDue(realNow)),
    reader: () => pump.reader(),
    controlPlane,
    lookAgain: (works) => lookAgain(pump, works),
    network,
  };
}

function lookAgain(pump: Pump<KubeObject>, works: readonly Work[]): void {
  for (const work of works) pump.wake(work);
  pump.lookAgain();
}

const observersOf = ({ failed, undeclared, share }: SimulatedClusterOptions) => ({
  ...(failed ? { failed } : {}),
  ...(undeclared ? { undeclared } : {}),
  ...(share ? { share } : {}),
});

/** What a commit has changed, as the pump hears of it; a new leader looks at everything. */
function took(
  changes: readonly Change<KubeObject>[],
  pump: Pump<KubeObject>,
  controlPlane: Pick<ControlPlane, 'electsAnew'>,
): void {
  for (const change of changes) pump.committed(change);
  if (changes.some((change) => controlPlane.electsAnew(change))) pump.lookAgain();
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

const storeOf = ({ sql, spec, quotaBytes, live }: SimulatedClusterOptions, base: Map<string, string>): Store =>
  new Store(sql, {
    base: constantBase(base),
    causes: spec.causes ?? true,
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

interface Bootstrapped {
  store: Store;
  pump: Pump<KubeObject>;
  apply(write: Write<KubeObject>, writer: Writer): KubeObject | undefined;
  now: number;
}

/** What a cluster has from the start. */
function begin({ spec, rootCA }: SimulatedClusterOptions, { now, ...parts }: Bootstrapped): void {
  if (spec.topology) foundControlPlane(spec, spec.topology, { ...parts, rootCA }, now);
  else createFirstObjects(parts.store, spec, now);
}
