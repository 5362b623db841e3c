/**
 * What of a cluster's control plane works at the moment: which machines, members and processes are broken, who has a quorum with it, which
 * API servers can write, and who rests because of that. A cluster whose control plane is not to be seen has nodes, and perhaps members.
 */
import { ELECTED, type Elected, type IsAtWork, isLed } from '../controllers/control-plane/leader-election.ts';
import { COMPONENTS, staticPods } from '../kubeadm/static-pods.ts';
import { controlPlaneHosts, etcdHosts, type Topology } from '../kubeadm/topology.ts';
import { mirrorPodName } from '../kubelet/static-pods.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { type Break, type Faults, noFaults } from '../simulation/faults.ts';
import type { Change } from '../simulation/object-index.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** The names of the members of an etcd that has no topology: `etcd-0`… */
export const memberNames = ({
  topology,
  etcdMembers = 1,
}: Pick<SimulationSpec, 'topology' | 'etcdMembers'>): string[] =>
  topology ? etcdHosts(topology).map(({ name }) => name) : Array.from({ length: etcdMembers }, (_, i) => `etcd-${i}`);

const LEASES = 'leases.coordination.k8s.io';
const API_SERVER = COMPONENTS[0];
const SCHEDULER: Elected = 'kube-scheduler';
const CONTROLLER_MANAGER: Elected = 'kube-controller-manager';

export class ControlPlane {
  faults: Faults = noFaults();
  readonly topology: Topology | undefined;
  readonly members: readonly string[];
  readonly #manifests: ReadonlyMap<string, readonly Pod[]>;
  /** Who is behind each reconciler that only a leader runs. */
  readonly #elected = new Map<string, Elected>();

  constructor(spec: SimulationSpec) {
    const { topology, podCIDR, serviceCIDR } = spec;
    this.topology = topology;
    this.members = memberNames(spec);
    const hosts = topology ? controlPlaneHosts(topology) : [];
    this.#manifests = new Map(
      hosts.map(({ name }, i) => [name, staticPods({ topology: topology!, podCIDR, serviceCIDR }, i)]),
    );
  }

  /** Says which reconcilers are parts of the two components of which one is at work. */
  runsIn(controllers: readonly string[], schedulers: readonly string[]): void {
    if (!this.topology) return;
    for (const name of controllers) this.#elected.set(name, CONTROLLER_MANAGER);
    for (const name of schedulers) this.#elected.set(name, SCHEDULER);
  }

  /** The nodes of control planes. */
  get nodes(): string[] {
    return [...this.#manifests.keys()];
  }

  /** What lies in the folder of a node's static pods. */
  readonly manifestsOf = (node: string): readonly Pod[] =>
    (this.#manifests.get(node) ?? []).filter(({ metadata }) => !this.#isKilled(metadata.name, node));

  #isKilled(component: string, node: string): boolean {
    if (component === 'etcd') return this.faults.members[node]?.how === 'killed';
    return this.faults.components[mirrorPodName(component, node)]?.how === 'killed';
  }

  /** Whether a process on a control plane runs. */
  #runs(component: string, node: string): boolean {
    return !this.faults.nodes[node] && !this.faults.components[mirrorPodName(component, node)];
  }

  /** What has become of a member, by itself or with its machine. */
  memberIs(member: string): 'up' | Break {
    const isOnNode = this.topology && this.topology.kind !== 'external';
    const own = this.faults.members[member]?.how;
    const machine = isOnNode ? this.faults.nodes[member]?.how : undefined;
    if (own === 'killed' || machine === 'killed') return 'killed';
    return own ?? machine ?? 'up';
  }

  /** Node names whose machines came back from being off. */
  readonly #wereOff = new Set<string>();

  wasOff(node: string): boolean {
    return this.#wereOff.has(node);
  }

  change(faults: Faults): void {
    for (const [node, { how }] of Object.entries(this.faults.nodes)) {
      if (how === 'killed') this.#wereOff.add(node);
      else this.#wereOff.delete(node);
    }
    this.faults = faults;
  }

  /** The parts of the control planes that can break, by the names of their pods. */
  get components(): string[] {
    return COMPONENTS.flatMap((component) => this.nodes.map((node) => mirrorPodName(component, node)));
  }

  /** The same of the members that are on control planes. */
  get memberPods(): string[] {
    return this.topology?.kind === 'external' ? [] : this.nodes.map((node) => mirrorPodName('etcd', node));
  }

  #memberRuns(member: string): boolean {
    return this.memberIs(member) === 'up';
  }

  /** Whether a member runs and hears of enough others. */
  #hasQuorum(member: string): boolean {
    if (!this.#memberRuns(member)) return false;
    const group = this.#groupOf(member);
    const heard = this.members.filter((other) => this.#memberRuns(other) && this.#groupOf(other) === group);
    return heard.length > this.members.length / 2;
  }

  #groupOf(member: string): number {
    return this.faults.partition.findIndex((group) => group.includes(member));
  }

  /** Whether a control plane's API server runs, whatever it can do. */
  #serves(node: string): boolean {
    return this.#runs(API_SERVER, node);
  }

  /** Whether what a control plane's API server is asked to write comes into the store. */
  #writes(node: string): boolean {
    if (!this.#serves(node)) return false;
    return this.topology?.kind === 'external' ? this.hasQuorum : this.#hasQuorum(node);
  }

  get hasQuorum(): boolean {
    return this.members.some((member) => this.#hasQuorum(member));
  }

  /** Whether clients reach an API server: through a load balancer any, else the first. */
  get isServed(): boolean {
    if (!this.topology) return true;
    const reached = this.topology.loadBalancer ? this.nodes : this.nodes.slice(0, 1);
    return reached.some((node) => this.#serves(node));
  }

  /** Whether anybody's writes come into the store. */
  get #isWritable(): boolean {
    return this.topology ? this.nodes.some((node) => this.#writes(node)) : this.hasQuorum;
  }

  /** A scheduler or controller manager speaks to the API server of its own machine. */
  readonly isAtWork: IsAtWork = ({ metadata, spec }) => {
    const node = spec.nodeName ?? '';
    return this.#runs(metadata.labels?.component ?? '', node) && this.#writes(node);
  };

  /** Whether there is anything that the cluster's components can wait for. */
  get mayRest(): boolean {
    return this.topology !== undefined || this.members.length > 1;
  }

  /** Whether another process leads from now on: it knows nothing, and looks at everything. */
  electsAnew({ resource, namespace, name, old, new: lease }: Change<KubeObject>): boolean {
    if (resource !== LEASES || namespace !== 'kube-system' || !lease || !ELECTED.some((elected) => elected === name))
      return false;
    return old?.spec?.holderIdentity !== lease.spec?.holderIdentity;
  }

  /** Whether a reconciler does nothing at the moment. */
  rests(reconciler: string, view: View): boolean {
    if (!this.#isWritable) return true;
    const component = this.#elected.get(reconciler);
    return component !== undefined && !isLed(view, component, this.isAtWork);
  }

  static readonly elected = ELECTED;
}
