/** The etcd members of a cluster that is made with several: founded with it, kept in its store, and asked before anything is written. */
import { MembersConsensus } from '../etcd/members/consensus.ts';
import type { Founder } from '../etcd/members/etcd-members-state.ts';
import { foundEtcdMembers } from '../etcd/members/founding.ts';
import { type RestingMembers, wakeMembers } from '../etcd/members/resting.ts';
import type { Store } from '../etcd/store.ts';
import { etcdHosts, type Topology } from '../kubeadm/topology.ts';
import type { ClusterSpec } from '../platform/clusters/cluster-spec.ts';
import { createRandom } from '../simulation/random.ts';

const META = 'etcd-members';

/** Real milliseconds after which who waits for the members looks again, however the cluster's time goes. */
const LOOK_AGAIN_MS = 100;
/** So often at most: half a minute. */
const LOOKS = 300;
const SEEDS = 2 ** 31;

const founder = (_: unknown, i: number): Founder => ({
  name: `etcd-${i}`,
  peerURL: `http://etcd-${i}:2380`,
  clientURL: `http://etcd-${i}:2379`,
});

/** As they were when their machines were set up. */
const foundersOf = (topology: Topology | undefined, count: number): Founder[] =>
  topology
    ? etcdHosts(topology).map(({ name, address }) => ({
        name,
        peerURL: `https://${address}:2380`,
        clientURL: `https://${address}:2379`,
      }))
    : Array.from({ length: count }, founder);

/** Undefined where there is one only, of no topology: it agrees with itself. The store asks them from here on. */
export function etcdMembersOf(store: Store, spec: ClusterSpec, now: () => number): MembersConsensus | undefined {
  const { etcdMembers: count = 1, seed: chance, id: name, topology } = spec;
  if (count === 1 && !topology) return undefined;
  const kept = store.meta(META);
  const rest = typeof kept === 'string' ? (JSON.parse(kept) as RestingMembers) : undefined;
  const { revision } = store;
  const seed = createRandom(chance, `etcd members ${rest ? revision : ''}`).integer(SEEDS);
  const members = rest
    ? wakeMembers(rest, { now: now(), seed, revision })
    : foundEtcdMembers({ name, founders: foundersOf(topology, count), now: now(), seed });
  const consensus = new MembersConsensus(
    members,
    {
      now,
      maxWaits: LOOKS,
      wait: (milliseconds) =>
        new Promise((resolve) => {
          setTimeout(resolve, Math.min(milliseconds, LOOK_AGAIN_MS));
        }),
      keep: (changed) => store.setMeta(META, JSON.stringify(changed)),
    },
    rest?.ahead,
  );
  store.consensus = consensus;
  return consensus;
}
