/** How a cluster is broken on purpose and mended: what is asked is held against what there is, kept with the store, and done. */
import { ELECTED, electionOf } from '../controllers/control-plane/leader-election.ts';
import type { MembersConsensus } from '../etcd/members/consensus.ts';
import { NODE_SILENCE } from '../kubelet/node-silence.ts';
import { STATIC_PODS } from '../kubelet/static-pods.ts';
import type { FaultsAnswer, FaultsChange, FaultsState, FaultTarget } from '../platform/clusters/faults-change.ts';
import { type Break, type Faults, noFaults } from '../simulation/faults.ts';
import { breakMembers } from './member-faults.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

const META = 'faults';
const ZONE = 'topology.kubernetes.io/zone';

type Broken = Pick<SimulatedCluster, 'store' | 'controlPlane' | 'reader' | 'lookAgain'>;

/** A field of a request that names what there is not, or cannot be. */
class Unbreakable extends Error {
  readonly pointer: string;

  constructor(pointer: string, detail: string) {
    super(detail);
    this.pointer = pointer;
  }
}

/** What was broken when the cluster was last in memory is broken still. */
export function restoreFaults({ store, controlPlane }: Broken, consensus: MembersConsensus | undefined): void {
  const kept = store.meta(META);
  if (typeof kept === 'string') controlPlane.faults = { ...noFaults(), ...(JSON.parse(kept) as Partial<Faults>) };
  if (consensus && typeof kept === 'string') breakMembers(consensus, controlPlane);
}

/** Nothing is broken in a cluster that is at its beginning. */
export const forgetFaults = ({ store }: Pick<SimulatedCluster, 'store'>): void =>
  store.setMeta(META, JSON.stringify(noFaults()));

/** At this real instant. */
export const breakOrMend = (
  { cluster, consensus }: { cluster: SimulatedCluster; consensus: MembersConsensus | undefined },
  change: FaultsChange,
): FaultsAnswer => changeFaults(cluster, consensus, change, cluster.now(Date.now()));

export function changeFaults(
  cluster: Broken,
  consensus: MembersConsensus | undefined,
  change: FaultsChange,
  now: number,
): FaultsAnswer {
  const { controlPlane, store } = cluster;
  try {
    const faults = faultsAfter(cluster, consensus !== undefined, change, now);
    if (faults) {
      controlPlane.change(faults);
      store.setMeta(META, JSON.stringify(faults));
      if (consensus) breakMembers(consensus, controlPlane);
      noticed(cluster);
    }
    return { state: stateOf(cluster, now) };
  } catch (error) {
    if (!(error instanceof Unbreakable)) throw error;
    return { problem: { pointer: error.pointer, detail: error.message } };
  }
}

const stateOf = ({ controlPlane }: Broken, time: number): FaultsState => ({
  faults: controlPlane.faults,
  time,
  quorum: controlPlane.hasQuorum,
  served: controlPlane.isServed,
});

/** Whoever is concerned looks again. */
function noticed({ controlPlane, reader, lookAgain }: Broken): void {
  const nodes = reader().list('nodes');
  lookAgain([
    ...nodes.map(({ metadata }) => ({ reconciler: NODE_SILENCE, key: metadata.name })),
    ...controlPlane.nodes.map((key) => ({ reconciler: STATIC_PODS, key })),
    ...(controlPlane.topology ? ELECTED.map((key) => ({ reconciler: electionOf(key), key })) : []),
  ]);
}

/** Undefined: nothing is asked for. @throws Unbreakable */
function faultsAfter(cluster: Broken, hasMembers: boolean, change: FaultsChange, now: number): Faults | undefined {
  const { faults } = cluster.controlPlane;
  const members = hasMembers ? cluster.controlPlane.members : [];
  const member = (name: string, pointer: string): string => {
    if (members.includes(name)) return name;
    throw new Unbreakable(
      pointer,
      members.length === 0
        ? 'the only etcd member of this cluster cannot be broken: ask for etcdMembers or a topology at its making'
        : `etcd has no member ${name}; its members are ${members.join(', ')}`,
    );
  };
  if (change.kill) return broken(cluster, member, change.kill, { how: 'killed', pointer: '/kill', now });
  if (change.pause) return broken(cluster, member, change.pause, { how: 'paused', pointer: '/pause', now });
  if (change.heal === true) return noFaults();
  if (change.heal) return healed(cluster, member, change.heal);
  if (change.partition) return { ...faults, partition: groupsOf(change.partition, member) };
  return worse(faults, change, member);
}

type MemberOf = (name: string, pointer: string) => string;

function groupsOf(groups: string[][], member: MemberOf): string[][] {
  const named = new Set<string>();
  for (const [i, group] of groups.entries())
    for (const [j, name] of group.entries()) {
      const pointer = `/partition/${i}/${j}`;
      member(name, pointer);
      if (named.has(name)) throw new Unbreakable(pointer, 'this member is named twice');
      named.add(name);
    }
  return groups;
}

/** What slows members down, or lets them lose things. */
function worse(faults: Faults, change: FaultsChange, member: MemberOf): Faults | undefined {
  const { delay, loss, slowDisk, fullDisk, clockSkew } = change;
  const link = delay ?? loss;
  if (link) {
    const field = delay ? '/delay' : '/loss';
    const one = member(link.member, `${field}/member`);
    const between = link.to === undefined ? [one] : [one, member(link.to, `${field}/to`)];
    if (link.to === link.member) throw new Unbreakable(`${field}/to`, 'this is the same member');
    const what = delay ? { delay: delay.milliseconds } : { loss: loss!.percent };
    const isOf = (other: { between: string[] }): boolean => String(other.between) === String(between);
    const known = faults.links.find(isOf);
    return { ...faults, links: [...faults.links.filter((other) => !isOf(other)), { ...known, between, ...what }] };
  }
  const disk = slowDisk ?? fullDisk;
  if (disk) {
    const name = member(disk.member, slowDisk ? '/slowDisk/member' : '/fullDisk/member');
    const what = slowDisk ? { slow: slowDisk.milliseconds } : { full: true };
    return { ...faults, disks: { ...faults.disks, [name]: { ...faults.disks[name], ...what } } };
  }
  if (!clockSkew) return undefined;
  const name = member(clockSkew.member, '/clockSkew/member');
  return { ...faults, clocks: { ...faults.clocks, [name]: clockSkew.speed } };
}

interface Breaking {
  how: Break;
  pointer: string;
  now: number;
}

type Kind = 'nodes' | 'members' | 'components';

/** The parts that a request means. @throws Unbreakable */
function partsOf(
  cluster: Broken,
  member: MemberOf,
  target: FaultTarget,
  pointer: string,
): { kind: Kind; names: string[] } {
  const { controlPlane, reader } = cluster;
  const nodes = reader().list('nodes');
  if (target.member !== undefined) return { kind: 'members', names: [member(target.member, `${pointer}/member`)] };
  if (target.node !== undefined) {
    const { node } = target;
    if (!nodes.some(({ metadata }) => metadata.name === node))
      throw new Unbreakable(`${pointer}/node`, `the cluster has no node ${node}`);
    return { kind: 'nodes', names: [node] };
  }
  if (target.zone !== undefined) {
    const names = nodes
      .filter(({ metadata }) => metadata.labels?.[ZONE] === target.zone)
      .map(({ metadata }) => metadata.name);
    if (names.length === 0)
      throw new Unbreakable(
        `${pointer}/zone`,
        `no node is in the zone ${target.zone}: none has it as its label ${ZONE}`,
      );
    return { kind: 'nodes', names };
  }
  const component = target.component ?? '';
  const etcd = /^etcd-(cp-\d+)$/.exec(component)?.[1];
  if (etcd !== undefined && controlPlane.memberPods.includes(component)) return { kind: 'members', names: [etcd] };
  if (controlPlane.components.includes(component)) return { kind: 'components', names: [component] };
  throw new Unbreakable(
    `${pointer}/component`,
    controlPlane.topology
      ? `no control plane has a part ${component}; its parts are named as their pods are, e.g. kube-scheduler-cp-1`
      : 'this cluster was made without a topology: its control plane has no parts',
  );
}

function broken(cluster: Broken, member: MemberOf, target: FaultTarget, { how, pointer, now }: Breaking): Faults {
  const { faults } = cluster.controlPlane;
  const { kind, names } = partsOf(cluster, member, target, pointer);
  const made = Object.fromEntries(names.map((name) => [name, { how, since: faults[kind][name]?.since ?? now }]));
  return { ...faults, [kind]: { ...faults[kind], ...made } };
}

/** A member's links, disk and clock are mended with it. */
function healed(cluster: Broken, member: MemberOf, target: FaultTarget): Faults {
  const { faults } = cluster.controlPlane;
  const { kind, names } = partsOf(cluster, member, target, '/heal');
  const without = <T>(all: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  const mended = { ...faults, [kind]: without(faults[kind]) };
  if (kind !== 'members') return mended;
  return {
    ...mended,
    partition: faults.partition.map((group) => group.filter((name) => !names.includes(name))),
    links: faults.links.filter(({ between }) => !between.some((name) => names.includes(name))),
    disks: without(faults.disks),
    clocks: without(faults.clocks),
  };
}
